package dev.parlor.crdt.format;

import dev.parlor.crdt.identity.Bytes;
import dev.parlor.crdt.identity.Decoding;
import java.util.Arrays;
import java.util.zip.DataFormatException;
import java.util.zip.Inflater;

/**
 * Turns a deflated change chunk (type 2) into its plain form. The output array grows step by step
 * up to the limit, so a decompression bomb cannot allocate more than the limit.
 */
final class Inflate {

  private static final int START_BYTES = 512;
  private static final int START_BYTES_MAX = 1 << 20;

  private Inflate() {}

  static Decoding<Bytes> toPlainChunk(Bytes chunk, int contentsOffset, int plainBytesMax) {
    var inflater = new Inflater(true);
    try {
      var contents = chunk.slice(contentsOffset, chunk.length() - contentsOffset);
      inflater.setInput(contents.buffer());
      var estimate = Math.clamp(contents.length() * 2L, START_BYTES, START_BYTES_MAX);
      var out = new byte[Math.min(plainBytesMax, estimate)];
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
