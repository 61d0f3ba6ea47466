package dev.parlor.bench.load;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;

/** The encodings of the JavaScript library lib0 that Yjs and Hocuspocus use. */
final class Lib0 {

  private Lib0() {}

  /** Writes a variable-length number, seven bits at a time, the lowest first. */
  static void unsigned(ByteArrayOutputStream out, long value) {
    var remaining = value;
    while (remaining > 0x7f) {
      out.write((int) (0x80 | (remaining & 0x7f)));
      remaining >>>= 7;
    }
    out.write((int) remaining);
  }

  static void bytes(ByteArrayOutputStream out, byte[] bytes) {
    unsigned(out, bytes.length);
    out.writeBytes(bytes);
  }

  static void text(ByteArrayOutputStream out, String text) {
    bytes(out, text.getBytes(StandardCharsets.UTF_8));
  }

  static long unsigned(ByteBuffer in) {
    var value = 0L;
    for (var shift = 0; ; shift += 7) {
      var next = in.get();
      value |= (long) (next & 0x7f) << shift;
      if (next >= 0) {
        return value;
      }
    }
  }

  /** The next length-prefixed bytes, shared with {@code in}. */
  static ByteBuffer bytes(ByteBuffer in) {
    var length = (int) unsigned(in);
    var part = in.slice(in.position(), length);
    in.position(in.position() + length);
    return part;
  }
}
