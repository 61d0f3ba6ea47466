package dev.parlor.room.schema;

import dev.parlor.crdt.replica.Value;
import java.util.List;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * The content of a new room.
 *
 * @param cards the stack, topmost last
 * @param windows the windows, back to front
 * @param welcome the first entry of the chat; empty for none
 */
public record GenesisOptions(
    String title, Settings settings, List<NewCard> cards, List<NewWindow> windows, String welcome) {

  public GenesisOptions {
    cards = List.copyOf(cards);
    windows = List.copyOf(windows);
  }

  /** A card that is on the stack from the start. */
  public record NewCard(CardType type, String text) {}

  /**
   * A window that a new room has.
   *
   * @param text the text of the note in the window; empty in a window of another type
   * @param props parameters of the window's type
   */
  public record NewWindow(
      RoomWindow.Type type,
      String title,
      int x,
      int y,
      int width,
      int height,
      RoomWindow.State state,
      String text,
      Value.MapOf props) {

    RoomWindow at(String z, @Nullable String ref, long nowMillis) {
      return new RoomWindow(
          "", type, title, x, y, width, height, z, state, ref, props, RoomSchema.PARLOR, nowMillis);
    }

    /** The same window in another state. */
    public NewWindow in(RoomWindow.State other) {
      return new NewWindow(type, title, x, y, width, height, other, text, props);
    }
  }

  public static final Value.MapOf NO_PROPS = new Value.MapOf(new TreeMap<>());

  /** The example cards of a room without a room file. */
  private static final List<NewCard> EXAMPLES =
      List.of(
          new NewCard(CardType.ROLE, "Act as a patient editor who has shipped software"),
          new NewCard(CardType.TONE, "Plain and warm, no slogans"));

  /** The windows of a room without a layout, back to front. */
  public static final List<NewWindow> DESKTOP =
      List.of(
          window(RoomWindow.Type.PEOPLE, "People", 24, 372, 296, 328)
              .in(RoomWindow.State.MINIMIZED),
          window(RoomWindow.Type.NOTE, "Shared notes", 1008, 492, 320, 208),
          window(RoomWindow.Type.CHAT, "Chat", 1008, 24, 320, 452),
          window(RoomWindow.Type.OUTPUT, "Output", 344, 24, 640, 676),
          window(RoomWindow.Type.STACK, "Stack", 24, 24, 296, 636));

  private static NewWindow window(
      RoomWindow.Type type, String title, int x, int y, int width, int height) {
    return new NewWindow(type, title, x, y, width, height, RoomWindow.State.OPEN, "", NO_PROPS);
  }

  /** A room without a room file. */
  public static GenesisOptions standard(String title) {
    return new GenesisOptions(title, Settings.standard(), EXAMPLES, DESKTOP, "");
  }

  /** The same content under another title. */
  public GenesisOptions titled(String other) {
    return new GenesisOptions(other, settings, cards, windows, welcome);
  }
}
