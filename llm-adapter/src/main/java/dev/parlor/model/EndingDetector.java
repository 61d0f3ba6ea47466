package dev.parlor.model;

import dev.parlor.model.Piece.Counts;
import java.util.Optional;

/**
 * Determines how an answer ended from the parts of its stream. Used by the reading thread of one
 * call.
 *
 * <p>An answer is {@link ModelEnding#COMPLETE} only if the provider reports a normal end and the
 * answer contains text other than thoughts.
 */
final class EndingDetector {
  /** Maximum length of a stored refusal, in UTF-16 units. Above this, further parts are dropped. */
  private static final int REFUSAL_LENGTH_MAX = 2_000;

  private final StringBuilder refusal = new StringBuilder();
  private boolean hasThoughts;
  private boolean hasToolCall;
  private boolean hasWords;
  private boolean isFinished;
  private String finishReason = "";
  private Counts counts = Counts.NONE;

  void add(Piece.Part part) {
    counts = counts.then(part.counts());
    part.finishReason()
        .ifPresent(
            reason -> {
              finishReason = reason;
              isFinished = true;
            });
    hasThoughts |= part.hasThoughts();
    hasToolCall |= part.hasToolCall();
    if (refusal.length() < REFUSAL_LENGTH_MAX) {
      refusal.append(part.refusal());
    }
  }

  /** The answer has this text. */
  void addAnswer(String text) {
    hasWords |= !text.isBlank();
  }

  void addThoughts() {
    hasThoughts = true;
  }

  /** The text so far was thoughts. */
  void answerWasThoughts() {
    hasWords = false;
    hasThoughts = true;
  }

  boolean isFinished() {
    return isFinished;
  }

  /** Whether the provider reported a normal end, so that a later failure changes nothing. */
  boolean isFinishedWell() {
    return isFinished && ending() != ModelEnding.ERROR;
  }

  /** Marks the answer as finished although the provider sent no finish reason. */
  void finishWithoutReason() {
    isFinished = true;
  }

  /** Whether the model sent thoughts, a refusal or a tool call. */
  boolean hasBegun() {
    return hasThoughts || hasToolCall || !refusal.isEmpty();
  }

  /** The ending of an answer that has no text other than thoughts. */
  private ModelEnding endingWithoutText() {
    if (hasToolCall) {
      return ModelEnding.TOOL_CALLS;
    }
    return hasThoughts ? ModelEnding.THOUGHTS : ModelEnding.EMPTY;
  }

  private ModelEnding ending() {
    if (!refusal.isEmpty()) {
      return ModelEnding.REFUSAL;
    }
    return finishReason.isBlank() ? ModelEnding.COMPLETE : ModelEnding.ofFinish(finishReason);
  }

  /** The last event of the answer. */
  ModelEvent lastEvent() {
    ModelEnding ending = ending();
    Optional<ModelEvent.Usage> usage = counts.usage();
    return switch (ending) {
      case COMPLETE ->
          new ModelEvent.Done(usage, hasWords ? ModelEnding.COMPLETE : endingWithoutText(), "");
      case REFUSAL ->
          new ModelEvent.Done(usage, ending, ProviderText.singleLine(refusal.toString()));
      case OTHER -> new ModelEvent.Done(usage, ending, ProviderText.singleLine(finishReason));
      case ERROR -> new ModelEvent.Failed("the model ended with an error", false);
      case LENGTH, CONTENT_FILTER, TOOL_CALLS, THOUGHTS, EMPTY, CUT ->
          new ModelEvent.Done(usage, ending, "");
    };
  }
}
