package dev.parlor.bench.load;

import java.io.ByteArrayOutputStream;
import java.util.ArrayList;
import java.util.List;

/**
 * {@link Keystrokes} as the items that Yjs makes of them, in its update format, version 1: each
 * letter names the letters beside it at the time. The document's text is called {@code text}.
 *
 * @param client the number of the one who types
 * @param items one encoded item for each keystroke; its clock is its index
 */
record YjsEdits(long client, List<byte[]> items) {

  private static final int CONTENT_STRING = 4;
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
      var left = position > 0;
      var right = position < order.size();
      var out = new ByteArrayOutputStream(16);
      out.write(CONTENT_STRING | (left ? HAS_LEFT : 0) | (right ? HAS_RIGHT : 0));
      if (left) {
        Lib0.unsigned(out, client);
        Lib0.unsigned(out, order.get(position - 1));
      }
      if (right) {
        Lib0.unsigned(out, client);
        Lib0.unsigned(out, order.get(position));
      }
      if (!left && !right) {
        Lib0.unsigned(out, 1); // the parent is a root and goes by its name
        Lib0.text(out, "text");
      }
      Lib0.text(out, stroke.letter());
      items.add(out.toByteArray());
      order.add(position, clock);
    }
    return new YjsEdits(client, items);
  }

  /** One update with the edits from one position to before another. */
  byte[] update(int from, int to) {
    var out = new ByteArrayOutputStream(32 + 16 * (to - from));
    Lib0.unsigned(out, 1);
    Lib0.unsigned(out, to - from);
    Lib0.unsigned(out, client);
    Lib0.unsigned(out, from);
    items.subList(from, to).forEach(out::writeBytes);
    Lib0.unsigned(out, 0); // nothing is deleted
    return out.toByteArray();
  }
}
