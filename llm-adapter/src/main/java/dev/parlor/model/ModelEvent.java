package dev.parlor.model;

import dev.parlor.model.Endpoint.ServedModel;
import dev.parlor.model.Endpoint.Timeouts;
import java.time.Duration;
import java.util.Optional;
import java.util.OptionalInt;

/** An event of a running answer. */
public sealed interface ModelEvent {

  /**
   * An endpoint is asked. The first event of a call to an endpoint; a second one follows if the
   * endpoint fails before the first word and another endpoint is asked instead.
   *
   * @param endpoint the endpoint's name
   * @param model the model that is asked
   * @param tokensMax the limit on tokens that is sent, if one is
   * @param timeouts the times after which the call fails
   */
  record Asked(String endpoint, ServedModel model, OptionalInt tokensMax, Timeouts timeouts)
      implements ModelEvent {}

  /** A sentence for people about the call, for example that another endpoint answers. */
  record Note(String sentence) implements ModelEvent {}

  /**
   * An attempt failed before the first word, and the same endpoint is asked again after a pause.
   *
   * @param reason a sentence for people, without keys or URLs
   */
  record Retry(String reason, Duration pause) implements ModelEvent {}

  /** The next piece of the model's thoughts, which are no part of the answer; never empty. */
  record Thought(String text) implements ModelEvent {}

  /**
   * The next piece of text; never empty. A provider may split a surrogate pair over two pieces; the
   * listener joins them.
   */
  record Delta(String text) implements ModelEvent {}

  /** All text so far was thoughts: the model closed thoughts that it had not opened. */
  record TextWasThoughts() implements ModelEvent {}

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
   * @param mayAskAnother whether another endpoint may be asked: no part of an answer has arrived,
   *     and the endpoint has not refused the request's content
   */
  record Failed(String reason, boolean retryable, ModelEnding ending, boolean mayAskAnother)
      implements ModelEvent {
    public Failed(String reason, boolean retryable, ModelEnding ending) {
      this(reason, retryable, ending, false);
    }

    public Failed(String reason, boolean retryable) {
      this(reason, retryable, ModelEnding.ERROR);
    }
  }

  /** Tokens as the provider counted them. */
  record Usage(int promptTokens, int completionTokens) {}
}
