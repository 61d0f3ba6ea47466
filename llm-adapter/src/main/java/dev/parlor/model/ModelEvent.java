package dev.parlor.model;

import java.util.Optional;

/** An event of a running answer. */
public sealed interface ModelEvent {

  /**
   * The next piece of text; never empty. A provider may split a surrogate pair over two pieces; the
   * listener joins them.
   */
  record Delta(String text) implements ModelEvent {}

  /**
   * The answer is over.
   *
   * @param usage the token counts, if the provider sent them
   * @param ending how the answer ended; {@link ModelEnding#COMPLETE} for a complete answer that is
   *     not empty
   * @param detail the model's reason for {@link ModelEnding#REFUSAL}, the provider's finish reason
   *     for {@link ModelEnding#OTHER}, otherwise empty
   */
  record Done(Optional<Usage> usage, ModelEnding ending, String detail) implements ModelEvent {}

  /**
   * The call ended without an answer, or in the middle of an answer.
   *
   * @param reason a sentence for people, without keys or URLs
   * @param retryable whether the same call may succeed later
   * @param ending {@link ModelEnding#CUT} if the connection broke in the middle of the answer,
   *     otherwise {@link ModelEnding#ERROR}
   */
  record Failed(String reason, boolean retryable, ModelEnding ending) implements ModelEvent {
    public Failed(String reason, boolean retryable) {
      this(reason, retryable, ModelEnding.ERROR);
    }
  }

  /** Tokens as the provider counted them. */
  record Usage(int promptTokens, int completionTokens) {}
}
