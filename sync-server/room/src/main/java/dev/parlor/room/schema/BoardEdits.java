package dev.parlor.room.schema;

import dev.parlor.crdt.replica.Edit;
import dev.parlor.crdt.replica.Path;
import dev.parlor.crdt.replica.Value;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The edits of single fields of windows, texts and settings. A field that is not named stays
 * untouched, so concurrent edits of other fields survive. The caller has checked permissions and
 * ranges.
 */
public final class BoardEdits {
  private BoardEdits() {}

  public static List<Edit> renameWindow(String window, String title) {
    return put(Path.of(RoomFields.WINDOWS, window, RoomFields.TITLE), Value.of(title));
  }

  /** Sets parameters of a window; parameters that are not named stay. */
  public static List<Edit> windowProps(String window, Map<String, Value> props) {
    var path = Path.of(RoomFields.WINDOWS, window, RoomFields.PROPS);
    var edits = new ArrayList<Edit>();
    props.forEach((name, value) -> edits.add(new Edit.Put(path.child(name), value)));
    return List.copyOf(edits);
  }

  /** Takes a window out of the document. Its note stays. */
  public static List<Edit> removeWindow(String window) {
    return List.of(new Edit.Delete(Path.of(RoomFields.WINDOWS, window)));
  }

  /** The place of the text of a note. */
  public static Path noteText(String note) {
    return Path.of(RoomFields.NOTES, note, RoomFields.TEXT);
  }

  /** The place of the text of a card. */
  public static Path cardText(String card) {
    return Path.of(RoomFields.CARDS, card, RoomFields.TEXT);
  }

  /** The place of the room's title. */
  public static Path title() {
    return Path.of(RoomFields.TITLE);
  }

  /** The place of the system prompt. */
  public static Path systemPrompt() {
    return Path.of(RoomFields.SETTINGS, RoomFields.SYSTEM_PROMPT);
  }

  /**
   * Replaces a part of a text.
   *
   * @param at the position in UTF-16 units of {@code text}, not within a surrogate pair
   * @param delete the number of UTF-16 units to remove, which end at no half of a pair
   */
  public static List<Edit> splice(Path path, String text, int at, int delete, String insert) {
    return delete == 0 && insert.isEmpty()
        ? List.of()
        : List.of(
            new Edit.SpliceText(
                path, text.codePointCount(0, at), text.codePointCount(at, at + delete), insert));
  }

  /** Turns a text into another with the smallest splice, so that concurrent typing survives. */
  public static List<Edit> change(Path path, String old, String now) {
    var shorter = Math.min(old.length(), now.length());
    var start = 0;
    while (start < shorter && old.charAt(start) == now.charAt(start)) {
      start++;
    }
    if (start > 0 && Character.isHighSurrogate(old.charAt(start - 1))) {
      start--;
    }
    var end = 0;
    while (end < shorter - start
        && old.charAt(old.length() - 1 - end) == now.charAt(now.length() - 1 - end)) {
      end++;
    }
    if (end > 0 && Character.isLowSurrogate(now.charAt(now.length() - end))) {
      end--;
    }
    return splice(
        path, old, start, old.length() - start - end, now.substring(start, now.length() - end));
  }

  /** Replaces a value by a text, for a place that has no collaborative text yet. */
  public static List<Edit> replace(Path path, String text) {
    return put(path, Value.text(text));
  }

  /**
   * Sets single settings; null leaves a setting untouched.
   *
   * @param model the empty text stands for the server's default
   */
  public static List<Edit> settings(
      Settings.@Nullable TurnMode turnMode,
      @Nullable Integer maxPlayers,
      Settings.@Nullable Status status,
      Settings.@Nullable StackRule stackRule,
      @Nullable String model,
      @Nullable Boolean spectatorChat,
      @Nullable Integer slots) {
    var edits = new ArrayList<Edit>();
    setting(edits, RoomFields.TURN_MODE, turnMode == null ? null : RoomSchema.named(turnMode));
    setting(edits, RoomFields.MAX_PLAYERS, maxPlayers == null ? null : Value.of(maxPlayers));
    setting(edits, RoomFields.STATUS, status == null ? null : RoomSchema.named(status));
    setting(edits, RoomFields.STACK_RULE, stackRule == null ? null : RoomSchema.named(stackRule));
    setting(
        edits,
        RoomFields.MODEL,
        model == null ? null : RoomSchema.scalar(model.isEmpty() ? null : model));
    setting(
        edits, RoomFields.SPECTATOR_CHAT, spectatorChat == null ? null : Value.of(spectatorChat));
    setting(edits, RoomFields.SLOTS, slots == null ? null : Value.of(slots));
    return List.copyOf(edits);
  }

  private static void setting(List<Edit> edits, String name, @Nullable Value value) {
    if (value != null) {
      edits.add(new Edit.Put(Path.of(RoomFields.SETTINGS, name), value));
    }
  }

  private static List<Edit> put(Path path, Value value) {
    return List.of(new Edit.Put(path, value));
  }
}
