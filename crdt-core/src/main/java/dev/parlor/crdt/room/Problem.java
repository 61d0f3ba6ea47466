package dev.parlor.crdt.room;

/**
 * Something in the document that was repaired while reading, or a card that the fold leaves out.
 *
 * @param path where, as {@code cards/<id>/order}
 * @param message one sentence for a person, without the contents
 * @param lengthMax of a text that is shown cut the UTF-16 units that it may have, else 0
 */
public record Problem(String path, String message, int lengthMax) {

  /** Of anything but a text that is too long. */
  public Problem(String path, String message) {
    this(path, message, 0);
  }
}
