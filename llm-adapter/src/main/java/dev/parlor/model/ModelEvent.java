package dev.parlor.model;

import java.util.Optional;

/** What a model says while it answers. */
public sealed interface ModelEvent {

  /**
   * The next piece of text; never empty. A provider may split a character over two pieces: the
   * listener joins them.
   */
  record Delta(String text) implements ModelEvent {}

  /**
   * The answer is over.
   *
   * @param usage when the provider told it
   * @param ending how it ended; {@link Ending#COMPLETE} for an answer that is whole and not empty
   * @param said the model's words of a refusal, or the provider's word for another ending; else
   *     empty
   */
  record Done(Optional<Usage> usage, Ending ending, String said) implements ModelEvent {}

  /**
   * The call ended without an answer, or in the middle of one.
   *
   * @param reason a sentence for people, without keys or URLs
   * @param retryable whether the same call may succeed later (nothing is known to have been billed)
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
