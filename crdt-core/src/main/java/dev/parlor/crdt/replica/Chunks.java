package dev.parlor.crdt.replica;

import dev.parlor.crdt.identity.Bytes;
import java.io.ByteArrayOutputStream;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.zip.DataFormatException;
import java.util.zip.Inflater;

/**
 * The frames of saved bytes: magic, checksum, type, length, contents. Needed here because the
 * bindings, given bytes that break off or fail their checksum, apply what came before and report
 * nothing.
 *
 * <p>Source: Automerge binary format, "Chunk containers".
 */
final class Chunks {
  static final int DOCUMENT = 0;
  static final int CHANGE = 1;
  private static final int DEFLATED = 2;

  /** An inflated change above this is refused; admission's limits are far below. */
  private static final int INFLATED_BYTES_MAX = 256 << 20;

  private static final byte[] MAGIC = {(byte) 0x85, 0x6f, 0x4a, (byte) 0x83};
  private static final int HEADER = 9;

  private Chunks() {}

  /** The chunks that the bytes consist of, each with a right checksum; throws otherwise. */
  static List<Bytes> split(Bytes bytes) {
    var chunks = new ArrayList<Bytes>();
    for (var at = 0; at < bytes.length(); ) {
      var end = end(bytes, at);
      chunks.add(bytes.slice(at, end - at));
      at = end;
    }
    return chunks;
  }

  static int type(Bytes chunk) {
    return chunk.at(8);
  }

  private static int end(Bytes bytes, int at) {
    if (bytes.length() - at < HEADER + 1) {
      throw new ReplicaException("the bytes end inside a chunk's header");
    }
    for (var i = 0; i < MAGIC.length; i++) {
      if (bytes.at(at + i) != (MAGIC[i] & 0xff)) {
        throw new ReplicaException("a chunk does not begin with the magic bytes");
      }
    }
    var length = 0L;
    var body = at + HEADER;
    for (var shift = 0; ; shift += 7) {
      if (body >= bytes.length() || shift > 35) {
        throw new ReplicaException("a chunk's length is not readable");
      }
      var digit = bytes.at(body++);
      length |= (long) (digit & 0x7f) << shift;
      if (digit < 0x80) {
        break;
      }
    }
    if (length > bytes.length() - body) {
      throw new ReplicaException("the bytes end inside a chunk");
    }
    var end = body + (int) length;
    var contents = bytes.slice(body, (int) length);
    var digest =
        switch (bytes.at(at + 8)) {
          case DOCUMENT, CHANGE -> {
            var sha256 = sha256();
            bytes.slice(at + 8, end - at - 8).update(sha256);
            yield sha256.digest();
          }
          case DEFLATED -> {
            var plain = inflate(contents);
            var sha256 = sha256();
            sha256.update((byte) CHANGE);
            sha256.update(unsignedLeb(plain.length()));
            plain.update(sha256);
            yield sha256.digest();
          }
          default -> throw new ReplicaException("a chunk is of an unknown type");
        };
    if (!Bytes.wrap(Arrays.copyOf(digest, 4)).equals(bytes.slice(at + 4, 4))) {
      throw new ReplicaException("a chunk's checksum is wrong");
    }
    return end;
  }

  private static Bytes inflate(Bytes deflated) {
    var out = new ByteArrayOutputStream(4 * deflated.length());
    var buffer = new byte[8192];
    try (var inflater = new Inflater(true)) {
      inflater.setInput(deflated.toArray());
      while (!inflater.finished()) {
        var count = inflater.inflate(buffer);
        if (count == 0) {
          throw new ReplicaException("a deflated change breaks off");
        }
        out.write(buffer, 0, count);
        if (out.size() > INFLATED_BYTES_MAX) {
          throw new ReplicaException("a deflated change is too long");
        }
      }
    } catch (DataFormatException e) {
      throw new ReplicaException("a deflated change is not readable", e);
    }
    return Bytes.wrap(out.toByteArray());
  }

  private static byte[] unsignedLeb(int value) {
    var out = new ByteArrayOutputStream(5);
    var rest = value;
    for (; rest >= 0x80; rest >>>= 7) {
      out.write((rest & 0x7f) | 0x80);
    }
    out.write(rest);
    return out.toByteArray();
  }

  private static MessageDigest sha256() {
    try {
      return MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java platform has SHA-256", e);
    }
  }
}
