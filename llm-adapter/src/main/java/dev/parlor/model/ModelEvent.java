package dev.parlor.model;

import java.util.Optional;

/** An event of a running answer. */
public sealed interface ModelEvent {

  /**
   * The next piece of text; never empty. A provider may split a character over two pieces: the
   * listener joins them.
   */
  record Delta(String text) implements ModelEvent {}

  /**
   * The answer is over.
   *
   * @param usage the token counts, if the provider sent them
   * @param ending how the answer ended; {@link Ending#COMPLETE} for a whole answer that is not
   *     empty
   * @param said the model's words for {@link Ending#REFUSAL}, the provider's finish reason for
   *     {@link Ending#OTHER}, otherwise empty
   */
  record Done(Optional<Usage> usage, Ending ending, String said) implements ModelEvent {}

  /**
   * The call ended without an answer, or in the middle of one.
   *
   * @param reason a sentence for people, without keys or URLs
   * @param retryable whether the same call may succeed later; as far as known, it was not billed
   * @param ending {@link Ending#CUT} when the connection broke in the middle, else {@link
   *     Ending#ERROR}
   */
  record Failed(String reason, boolean retryable, Ending ending) implements ModelEvent {
    public Failed(String reason, boolean retryable) {
      this(reason, retryable, Ending.ERROR);
    }
  }

  /** Tokens as the provider counted them. */
  record Usage(int promptTokens, int completionTokens) {}
}
