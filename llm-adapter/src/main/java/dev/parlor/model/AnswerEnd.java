package dev.parlor.model;

import dev.parlor.model.Completions.Piece;
import dev.parlor.model.ModelEvent.Usage;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Determines the ending of an answer from the parts of its stream. Used by the reading thread of
 * one call.
 *
 * <p>An answer is {@link ModelEnding#COMPLETE} only if the provider reports a normal end and the
 * answer contains words other than thoughts.
 */
final class AnswerEnd {
  /** Maximum length of a stored refusal, in UTF-16 units. Above this, further parts are dropped. */
  private static final int REFUSAL_LENGTH_MAX = 2_000;

  private final Thoughts thoughts = new Thoughts();
  private final StringBuilder refusal = new StringBuilder();
  private boolean thought;
  private boolean called;
  private boolean finished;
  private String finishReason = "";
  private @Nullable Usage usage;

  void take(Piece.Part part) {
    part.usage().ifPresent(told -> usage = told);
    part.finish()
        .ifPresent(
            reason -> {
              finishReason = reason;
              finished = true;
            });
    thought |= part.thinking();
    called |= part.calls();
    if (refusal.length() < REFUSAL_LENGTH_MAX) {
      refusal.append(part.refusal());
    }
    thoughts.add(part.text());
  }

  boolean isFinished() {
    return finished;
  }

  /** Marks the answer as finished without a finish reason: it came as a whole. */
  void finishedWithoutWord() {
    finished = true;
  }

  /** Whether the model sent thoughts, a refusal or a tool call. */
  boolean hasBegun() {
    return thought || called || !refusal.isEmpty();
  }

  private ModelEnding withoutWords() {
    if (called) {
      return ModelEnding.TOOL_CALLS;
    }
    return thought || thoughts.found() ? ModelEnding.THOUGHTS : ModelEnding.EMPTY;
  }

  ModelEvent done() {
    ModelEnding told =
        finishReason.isBlank() ? ModelEnding.COMPLETE : ModelEnding.ofFinish(finishReason);
    if (!refusal.isEmpty()) {
      told = ModelEnding.REFUSAL;
    }
    Optional<Usage> counted = Optional.ofNullable(usage);
    return switch (told) {
      case COMPLETE -> {
        yield new ModelEvent.Done(
            counted, thoughts.hasWords() ? ModelEnding.COMPLETE : withoutWords(), "");
      }
      case REFUSAL -> new ModelEvent.Done(counted, told, Words.line(refusal.toString()));
      case OTHER -> new ModelEvent.Done(counted, told, Words.line(finishReason));
      case ERROR -> new ModelEvent.Failed("the model ended with an error", false);
      case LENGTH, CONTENT_FILTER, TOOL_CALLS, THOUGHTS, EMPTY, CUT ->
          new ModelEvent.Done(counted, told, "");
    };
  }
}
