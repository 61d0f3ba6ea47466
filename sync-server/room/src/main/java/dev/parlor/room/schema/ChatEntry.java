package dev.parlor.room.schema;

import org.jspecify.annotations.Nullable;

/**
 * A chat message. Its entry in the document is never edited. Its author's later text, in {@code
 * edits}, replaces the text here.
 *
 * @param replyTo id of the message that this one answers, or null
 * @param request in an entry of the model: the request that it answers, or null
 * @param image content id of an image that is shown with the message, or null
 * @param alt words that describe the image, or null
 * @param editedAt the time of the author's last edit, or null; an entry that was deleted has no
 *     text
 */
public record ChatEntry(
    String id,
    String by,
    long at,
    Kind kind,
    String text,
    @Nullable String replyTo,
    @Nullable String request,
    @Nullable String image,
    @Nullable String alt,
    @Nullable Long editedAt) {

  /** An entry without an image that was not edited. */
  public ChatEntry(
      String id,
      String by,
      long at,
      Kind kind,
      String text,
      @Nullable String replyTo,
      @Nullable String request) {
    this(id, by, at, kind, text, replyTo, request, null, null, null);
  }

  /** An entry that answers no request. */
  public ChatEntry(
      String id, String by, long at, Kind kind, String text, @Nullable String replyTo) {
    this(id, by, at, kind, text, replyTo, null);
  }

  /** Whether the author has deleted this message. */
  public boolean isDeleted() {
    return editedAt != null && text.isEmpty();
  }

  /**
   * This entry with the later text of its author. Without text it is deleted, and so is its image.
   */
  ChatEntry edited(String newText, long when) {
    var shown = newText.isEmpty() ? null : image;
    return new ChatEntry(id, by, at, kind, newText, replyTo, request, shown, alt, when);
  }

  /**
   * The speaker: a person, the model, the room itself, or a program of the person in {@code by}.
   */
  public enum Kind implements Named {
    SAY("say"),
    MODEL("model"),
    SYSTEM("system"),
    PROGRAM("program");

    private final String wire;

    Kind(String wire) {
      this.wire = wire;
    }

    @Override
    public String wire() {
      return wire;
    }
  }
}
