package dev.parlor.room.schema;

/**
 * A part of the document that was repaired during reading, or a card that the fold leaves out.
 *
 * @param path the place, for example {@code cards/<id>/order}
 * @param message one sentence for the user, without the contents
 * @param lengthMax for a truncated text, its limit in UTF-16 units, else 0
 */
public record Problem(String path, String message, int lengthMax) {

  /** A problem other than a text that is too long. */
  public Problem(String path, String message) {
    this(path, message, 0);
  }
}
