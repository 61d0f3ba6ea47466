package dev.parlor.bench.fuzz;

import dev.parlor.crdt.identity.Bytes;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.zip.Deflater;

/** Changes the bytes of encoded changes at random; checksums stay correct. */
final class ChunkDamage {
  private final Random random;

  ChunkDamage(Random random) {
    this.random = random;
  }

  /** The bytes with some of them changed, removed or repeated at random. */
  Bytes flip(Bytes bytes, int times) {
    var other = bytes.toArray();
    for (var i = 0; i < times && other.length > 0; i++) {
      var at = random.nextInt(other.length);
      switch (random.nextInt(5)) {
        case 0 -> other[at] = (byte) random.nextInt(256);
        case 1 -> other[at]++;
        case 2 -> other[at]--;
        case 3 -> other[at] ^= (byte) (1 << random.nextInt(8));
        default -> {
          var from = random.nextInt(other.length);
          other =
              spliced(other, at, Arrays.copyOfRange(other, Math.min(at, from), Math.max(at, from)));
        }
      }
    }
    return Bytes.wrap(other);
  }

  private static byte[] spliced(byte[] bytes, int at, byte[] middle) {
    if (middle.length > 200) {
      return bytes;
    }
    var joined = new byte[bytes.length + middle.length];
    System.arraycopy(bytes, 0, joined, 0, at);
    System.arraycopy(middle, 0, joined, at, middle.length);
    System.arraycopy(bytes, at, joined, at + middle.length, bytes.length - at);
    return joined;
  }

  /**
   * The chunk with one byte of its contents changed, header fields included, and a correct
   * checksum.
   */
  Bytes withChangedByte(Bytes chunk) {
    var at = 9;
    while (chunk.at(at) >= 0x80) {
      at++;
    }
    return ChangeForge.chunk(flip(chunk.slice(at + 1, chunk.length() - at - 1), 1));
  }

  /** The same change with deflated contents; the change itself if deflating makes it longer. */
  static Bytes deflated(Bytes chunk) {
    var at = 9;
    while (chunk.at(at) >= 0x80) {
      at++;
    }
    at++;
    var contents = chunk.slice(at, chunk.length() - at).toArray();
    var deflater = new Deflater(Deflater.DEFAULT_COMPRESSION, true);
    try {
      deflater.setInput(contents);
      deflater.finish();
      var out = new byte[contents.length + 64];
      var length = deflater.deflate(out);
      return deflater.finished()
          ? Bytes.concat(
              List.of(
                  chunk.slice(0, 8),
                  Bytes.wrap(new byte[] {2}),
                  ChangeForge.uleb(length),
                  Bytes.wrap(Arrays.copyOf(out, length))))
          : chunk;
    } finally {
      deflater.end();
    }
  }
}
