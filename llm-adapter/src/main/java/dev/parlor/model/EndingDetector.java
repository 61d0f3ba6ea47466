package dev.parlor.model;

import dev.parlor.model.Completions.Piece;
import dev.parlor.model.ModelEvent.Usage;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

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

  private final ThoughtDetector thoughts = new ThoughtDetector();
  private final StringBuilder refusal = new StringBuilder();
  private boolean hasThoughts;
  private boolean hasToolCall;
  private boolean isFinished;
  private String finishReason = "";
  private @Nullable Usage usage;

  void add(Piece.Part part) {
    part.usage().ifPresent(counts -> usage = counts);
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
    thoughts.add(part.text());
  }

  boolean isFinished() {
    return isFinished;
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
    return hasThoughts || thoughts.hasThoughts() ? ModelEnding.THOUGHTS : ModelEnding.EMPTY;
  }

  /** The last event of the answer. */
  ModelEvent lastEvent() {
    ModelEnding ending =
        finishReason.isBlank() ? ModelEnding.COMPLETE : ModelEnding.ofFinish(finishReason);
    if (!refusal.isEmpty()) {
      ending = ModelEnding.REFUSAL;
    }
    Optional<Usage> tokenCounts = Optional.ofNullable(usage);
    return switch (ending) {
      case COMPLETE ->
          new ModelEvent.Done(
              tokenCounts,
              thoughts.hasAnswerText() ? ModelEnding.COMPLETE : endingWithoutText(),
              "");
      case REFUSAL ->
          new ModelEvent.Done(tokenCounts, ending, ProviderText.singleLine(refusal.toString()));
      case OTHER -> new ModelEvent.Done(tokenCounts, ending, ProviderText.singleLine(finishReason));
      case ERROR -> new ModelEvent.Failed("the model ended with an error", false);
      case LENGTH, CONTENT_FILTER, TOOL_CALLS, THOUGHTS, EMPTY, CUT ->
          new ModelEvent.Done(tokenCounts, ending, "");
    };
  }
}
