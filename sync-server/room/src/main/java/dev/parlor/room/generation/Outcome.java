package dev.parlor.room.generation;

import dev.parlor.room.schema.Ending;
import dev.parlor.room.schema.Result.Status;
import org.jspecify.annotations.Nullable;

/**
 * How a run ended. An answer without words is never {@link Status#DONE}. Pure.
 *
 * @param ending a more precise code than the status, for programs
 * @param reason a sentence for people; empty after success and after a stop
 */
record Outcome(Status status, Ending ending, String reason) {

  static Outcome stopped() {
    return new Outcome(Status.STOPPED, Ending.STOPPED, "");
  }

  static Outcome interrupted(String reason) {
    return new Outcome(Status.INTERRUPTED, Ending.INTERRUPTED, reason);
  }

  static Outcome error(String reason) {
    return new Outcome(Status.ERROR, Ending.ERROR, reason);
  }

  /**
   * The outcome of a completed answer.
   *
   * @param detail the provider's text: the words of a refusal, the name of another ending, or an
   *     error; empty without one
   * @param tokensMax the token limit sent to the model, or null
   * @param hasWords whether the answer is not blank
   */
  static Outcome of(Ending ending, String detail, @Nullable Long tokensMax, boolean hasWords) {
    return switch (ending) {
      case COMPLETE ->
          hasWords
              ? new Outcome(Status.DONE, ending, "")
              : new Outcome(Status.ERROR, Ending.EMPTY, "the model wrote nothing");
      case EMPTY -> new Outcome(Status.ERROR, ending, "the model wrote nothing");
      case THOUGHTS ->
          new Outcome(Status.ERROR, ending, "the model only thought and wrote no answer");
      case LENGTH -> new Outcome(Status.STOPPED, ending, lengthReason(tokensMax, hasWords));
      case CONTENT_FILTER ->
          new Outcome(Status.STOPPED, ending, "the provider's content filter stopped the answer");
      case REFUSAL ->
          new Outcome(
              Status.ERROR,
              ending,
              "the model refused to answer" + (detail.isEmpty() ? "" : ": " + detail));
      case TOOL_CALLS ->
          new Outcome(Status.ERROR, ending, "the model asked for a tool, and rooms have none");
      case OTHER ->
          new Outcome(Status.STOPPED, ending, "the model ended the answer with “" + detail + "”");
      case CUT, ERROR ->
          new Outcome(Status.ERROR, ending, detail.isEmpty() ? "the model failed" : detail);
      case STOPPED -> stopped();
      case INTERRUPTED -> interrupted(detail);
    };
  }

  private static String lengthReason(@Nullable Long tokensMax, boolean hasWords) {
    String limit =
        tokensMax == null
            ? "the model's own limit"
            : "the limit of " + tokensMax + (tokensMax == 1 ? " token" : " tokens");
    return "stopped at " + limit + (hasWords ? "" : ", before the first word of an answer");
  }
}
