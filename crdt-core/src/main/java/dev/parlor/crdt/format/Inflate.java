package dev.parlor.crdt.format;

import dev.parlor.crdt.identity.Bytes;
import dev.parlor.crdt.identity.Decoding;
import java.util.Arrays;
import java.util.zip.DataFormatException;
import java.util.zip.Inflater;

/**
 * Turns a deflated change chunk (type 2) into its plain form, growing step by step and never past
 * the limit, so that a small chunk that claims to be a huge one costs no more than the limit.
 */
final class Inflate {

  private static final int START_BYTES = 512;

  private Inflate() {}

  static Decoding<Bytes> toPlainChunk(Bytes chunk, int contentsAt, int plainBytesMax) {
    var inflater = new Inflater(true);
    try {
      var contents = chunk.slice(contentsAt, chunk.length() - contentsAt);
      inflater.setInput(contents.buffer());
      var out =
          new byte
              [Math.min(
                  plainBytesMax,
                  (int) Math.max(START_BYTES, Math.min(contents.length() * 2L, 1 << 20)))];
      var size = 0;
      while (true) {
        size += inflater.inflate(out, size, out.length - size);
        if (inflater.finished()) {
          break;
        }
        if (size < out.length) {
          return Decoding.malformed("SY4", "the deflated change ends too early");
        }
        if (out.length >= plainBytesMax) {
          return Decoding.malformed("AD3", "the change exceeds " + plainBytesMax + " bytes");
        }
        out = Arrays.copyOf(out, (int) Math.min(plainBytesMax, out.length * 2L));
      }
      if (inflater.getRemaining() > 0) {
        return Decoding.malformed("SY4", "bytes follow the deflated change");
      }
      return Decoding.of(ChangeCodec.plainChunk(chunk, out, size));
    } catch (DataFormatException _) {
      return Decoding.malformed("SY4", "the deflated change is not a DEFLATE stream");
    } finally {
      inflater.end();
    }
  }
}
