package dev.parlor.room.generation;

import dev.parlor.room.schema.Ending;
import dev.parlor.room.schema.Result.Status;
import org.jspecify.annotations.Nullable;

/**
 * The end of a run: its status, the ending for programs, and a reason for people, empty if the run
 * succeeded. Pure. An answer without words is never {@link Status#DONE}.
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
   * @param said the provider's words: of a refusal, or the name of another ending
   * @param tokensMax the limit that was sent, or null
   * @param hasWords whether the answer has anything but blanks
   */
  static Outcome of(Ending ending, String said, @Nullable Long tokensMax, boolean hasWords) {
    return switch (ending) {
      case COMPLETE ->
          hasWords
              ? new Outcome(Status.DONE, ending, "")
              : new Outcome(Status.ERROR, Ending.EMPTY, "the model wrote nothing");
      case EMPTY -> new Outcome(Status.ERROR, ending, "the model wrote nothing");
      case THOUGHTS ->
          new Outcome(Status.ERROR, ending, "the model only thought and wrote no answer");
      case LENGTH -> new Outcome(Status.STOPPED, ending, length(tokensMax, hasWords));
      case CONTENT_FILTER ->
          new Outcome(Status.STOPPED, ending, "the provider's content filter stopped the answer");
      case REFUSAL ->
          new Outcome(
              Status.ERROR,
              ending,
              "the model refused to answer" + (said.isEmpty() ? "" : ": " + said));
      case TOOL_CALLS ->
          new Outcome(Status.ERROR, ending, "the model asked for a tool, and rooms have none");
      case OTHER ->
          new Outcome(Status.STOPPED, ending, "the model ended the answer with “" + said + "”");
      case CUT, ERROR ->
          new Outcome(Status.ERROR, ending, said.isEmpty() ? "the model failed" : said);
      case STOPPED -> stopped();
      case INTERRUPTED -> interrupted(said);
    };
  }

  private static String length(@Nullable Long tokensMax, boolean hasWords) {
    String limit =
        tokensMax == null
            ? "the model's own limit"
            : "the limit of " + tokensMax + (tokensMax == 1 ? " token" : " tokens");
    return "stopped at " + limit + (hasWords ? "" : ", before the first word of an answer");
  }
}
