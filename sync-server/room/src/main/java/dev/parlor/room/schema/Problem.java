package dev.parlor.room.schema;

/**
 * A value of the document that was repaired during reading, or a card that the prompt leaves out.
 *
 * @param path the place, for example {@code cards/<id>/order}
 * @param message one sentence for the user, without the contents
 * @param lengthMax the limit of a truncated text in UTF-16 units; 0 for other problems
 */
public record Problem(String path, String message, int lengthMax) {

  /** A problem other than a text that is too long. */
  public Problem(String path, String message) {
    this(path, message, 0);
  }
}
