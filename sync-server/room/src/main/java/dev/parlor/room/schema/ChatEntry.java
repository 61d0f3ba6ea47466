package dev.parlor.room.schema;

import org.jspecify.annotations.Nullable;

/**
 * A chat message. It is never edited.
 *
 * @param replyTo id of the message that this one answers, or null
 */
public record ChatEntry(
    String id, String by, long at, Kind kind, String text, @Nullable String replyTo) {

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
