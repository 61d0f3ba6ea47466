package dev.parlor.model;

import java.util.Optional;

/** The content of one frame of an answer. */
sealed interface Piece {

  /**
   * A part of the answer.
   *
   * @param text text to show, may be empty
   * @param thoughts a part of the model's thoughts, may be empty
   * @param refusal a part of the text with which the model refuses to answer, may be empty
   * @param hasThoughts whether the part contains thoughts, readable or encrypted
   * @param hasToolCall whether the part calls a tool or function
   * @param finishReason the finish reason, if the part has one
   * @param counts the token counts that the part has
   * @param choice the number of the choice to which the text belongs
   * @param isWhole whether the part is a whole answer that was not streamed
   */
  record Part(
      String text,
      String thoughts,
      String refusal,
      boolean hasThoughts,
      boolean hasToolCall,
      Optional<String> finishReason,
      Counts counts,
      int choice,
      boolean isWhole)
      implements Piece {

    /** Whether the part shows that the model is working. */
    boolean showsProgress() {
      return hasThoughts || hasToolCall || !text.isEmpty() || !refusal.isEmpty();
    }
  }

  /** The provider reported an error. */
  record Failure(ProviderError error) implements Piece {}

  /** A frame that is no part of an answer, for example a ping. */
  record Skipped() implements Piece {}

  /** The provider says that the answer is complete. */
  record End() implements Piece {}

  /**
   * Token counts; {@value #UNKNOWN} stands for a count that the part does not have. Providers may
   * send the two counts in different parts.
   */
  record Counts(int prompt, int completion) {
    static final int UNKNOWN = -1;
    static final Counts NONE = new Counts(UNKNOWN, UNKNOWN);

    /** These counts, replaced by the later counts as far as those are known. */
    Counts then(Counts later) {
      return new Counts(
          later.prompt == UNKNOWN ? prompt : later.prompt,
          later.completion == UNKNOWN ? completion : later.completion);
    }

    Optional<ModelEvent.Usage> usage() {
      return prompt == UNKNOWN || completion == UNKNOWN
          ? Optional.empty()
          : Optional.of(new ModelEvent.Usage(prompt, completion));
    }
  }
}
