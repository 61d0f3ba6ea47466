package dev.parlor.room.schema;

import java.util.Locale;
import java.util.Optional;

/** Recognizes a chat text that asks the model (rule GE16 of {@code docs/room.md}). Pure. */
public final class ModelMention {

  private ModelMention() {}

  /**
   * The question in a chat text that begins with {@code @model} or with {@code @} and the model's
   * name; empty for another text. The question itself may be empty.
   *
   * @param modelName the name of the room's model
   */
  public static Optional<String> question(String text, String modelName) {
    if (!text.startsWith("@")) {
      return Optional.empty();
    }
    return rest(text, RoomFields.MODEL).or(() -> rest(text, modelName));
  }

  private static Optional<String> rest(String text, String name) {
    var end = 1 + name.length();
    var begins =
        !name.isEmpty()
            && text.length() >= end
            && text.substring(1, end)
                .toLowerCase(Locale.ROOT)
                .equals(name.toLowerCase(Locale.ROOT));
    if (!begins) {
      return Optional.empty();
    }
    if (text.length() == end) {
      return Optional.of("");
    }
    var next = text.charAt(end);
    return next == ',' || next == ':' || Character.isWhitespace(next)
        ? Optional.of(text.substring(end + 1).strip())
        : Optional.empty();
  }
}
