package dev.parlor.bench.load;

import java.io.ByteArrayOutputStream;
import java.util.ArrayList;
import java.util.List;

/**
 * {@link Keystrokes} as items in the update format of Yjs, version 1, byte for byte as Yjs encodes
 * them: each letter names its neighbors at the time. The document's text is called {@code text}.
 *
 * @param client the id of the typing client
 * @param items one encoded item for each edit
 * @param letters letters per item; one for a keystroke
 */
record YjsEdits(long client, List<byte[]> items, int letters) {

  private static final int CONTENT_STRING = 4;
  private static final int NONE = -1;
  private static final int HAS_RIGHT = 0x40;
  private static final int HAS_LEFT = 0x80;

  YjsEdits {
    items = List.copyOf(items);
  }

  static YjsEdits of(Keystrokes keys, long client) {
    var order = new ArrayList<Integer>(keys.count());
    var items = new ArrayList<byte[]>(keys.count());
    for (var clock = 0; clock < keys.count(); clock++) {
      var stroke = keys.strokes().get(clock);
      var position = stroke.position();
      items.add(
          item(
              client,
              position > 0 ? order.get(position - 1) : NONE,
              position < order.size() ? order.get(position) : NONE,
              stroke.letter()));
      order.add(position, clock);
    }
    return new YjsEdits(client, items, 1);
  }

  /** Pages of equal length, one behind the other. */
  static YjsEdits appended(List<String> pages, long client) {
    var items = new ArrayList<byte[]>(pages.size());
    var letters = pages.getFirst().length();
    for (var page : pages) {
      items.add(item(client, items.size() * letters - 1, NONE, page));
    }
    return new YjsEdits(client, items, letters);
  }

  /**
   * An item with text between the letters with the clocks {@code left} and {@code right}, if they
   * exist.
   */
  private static byte[] item(long client, int left, int right, String text) {
    var out = new ByteArrayOutputStream(16 + text.length());
    out.write(CONTENT_STRING | (left == NONE ? 0 : HAS_LEFT) | (right == NONE ? 0 : HAS_RIGHT));
    if (left != NONE) {
      Lib0.unsigned(out, client);
      Lib0.unsigned(out, left);
    }
    if (right != NONE) {
      Lib0.unsigned(out, client);
      Lib0.unsigned(out, right);
    }
    if (left == NONE && right == NONE) {
      Lib0.unsigned(out, 1); // the parent is the root type with this name
      Lib0.text(out, "text");
    }
    Lib0.text(out, text);
    return out.toByteArray();
  }

  /** One update with the edits at the positions from {@code from} to before {@code to}. */
  byte[] update(int from, int to) {
    var out = new ByteArrayOutputStream(32 + 16 * (to - from));
    Lib0.unsigned(out, 1);
    Lib0.unsigned(out, to - from);
    Lib0.unsigned(out, client);
    Lib0.unsigned(out, (long) from * letters);
    items.subList(from, to).forEach(out::writeBytes);
    Lib0.unsigned(out, 0); // nothing is deleted
    return out.toByteArray();
  }
}
