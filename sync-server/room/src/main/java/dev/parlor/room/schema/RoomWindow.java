package dev.parlor.room.schema;

import dev.parlor.crdt.replica.Value;
import java.util.Comparator;
import org.jspecify.annotations.Nullable;

/**
 * A window on the shared desktop. In the document, its position is one scalar ({@code "120,80"})
 * and its size is another ({@code "480x320"}). So concurrent moves never mix their coordinates.
 *
 * @param z fractional index, the greatest in front; equal keys are ordered by id
 * @param ref the note that the window shows, or null
 * @param props parameters of the window's type, not interpreted here
 */
public record RoomWindow(
    String id,
    Type type,
    String title,
    int x,
    int y,
    int width,
    int height,
    String z,
    State state,
    @Nullable String ref,
    Value.MapOf props,
    String by,
    long at) {

  /** Back to front. */
  public static final Comparator<RoomWindow> BACK_TO_FRONT =
      Comparator.comparing(RoomWindow::z).thenComparing(RoomWindow::id);

  /** The kind of content. */
  public enum Type implements Named {
    NOTE("note"),
    STACK("stack"),
    OUTPUT("output"),
    CHAT("chat"),
    PEOPLE("people"),
    APP("app"),
    PATTERN("pattern");

    private final String wire;

    Type(String wire) {
      this.wire = wire;
    }

    @Override
    public String wire() {
      return wire;
    }
  }

  /** Whether the window is visible. Closing a window keeps its note. */
  public enum State implements Named {
    OPEN("open"),
    MINIMIZED("minimized"),
    CLOSED("closed");

    private final String wire;

    State(String wire) {
      this.wire = wire;
    }

    @Override
    public String wire() {
      return wire;
    }
  }

  /** The position as written in the document. */
  public static String pos(int x, int y) {
    return x + "," + y;
  }

  /** The size as written in the document. */
  public static String size(int width, int height) {
    return width + "x" + height;
  }
}
