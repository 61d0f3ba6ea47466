package dev.parlor.room.schema;

import org.jspecify.annotations.Nullable;

/**
 * A chat message. It is never edited.
 *
 * @param replyTo id of the message that this one answers, or null
 * @param request in an entry of the model: the request that it answers, or null
 * @param image content id of an image that is shown with the message, or null
 * @param alt words that describe the image, or null
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
    @Nullable String alt) {

  /** An entry that answers no request. */
  public ChatEntry(
      String id, String by, long at, Kind kind, String text, @Nullable String replyTo) {
    this(id, by, at, kind, text, replyTo, null);
  }

  /** An entry without an image. */
  public ChatEntry(
      String id,
      String by,
      long at,
      Kind kind,
      String text,
      @Nullable String replyTo,
      @Nullable String request) {
    this(id, by, at, kind, text, replyTo, request, null, null);
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
