package dev.parlor.crdt.room;

/**
 * Something in the document that was repaired while reading, or a card that the fold leaves out.
 *
 * @param path where, as {@code cards/<id>/order}
 * @param message one sentence for a person, without the contents
 */
public record Problem(String path, String message) {}
