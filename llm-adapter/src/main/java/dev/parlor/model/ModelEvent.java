package dev.parlor.model;

import java.util.Optional;

/** What a model says while it answers. */
public sealed interface ModelEvent {

  /** The next piece of text; never empty. */
  record Delta(String text) implements ModelEvent {}

  /** The answer is complete; usage when the provider told it. */
  record Done(Optional<Usage> usage, String finishReason) implements ModelEvent {}

  /**
   * The call ended without an answer, or in the middle of one.
   *
   * @param reason a sentence for people, without keys or URLs
   * @param retryable whether the same call may succeed later (nothing is known to have been billed)
   */
  record Failed(String reason, boolean retryable) implements ModelEvent {}

  /** Tokens as the provider counted them. */
  record Usage(int promptTokens, int completionTokens) {}
}
