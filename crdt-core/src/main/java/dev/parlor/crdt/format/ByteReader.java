package dev.parlor.crdt.format;

import dev.parlor.crdt.identity.Bytes;
import dev.parlor.crdt.identity.ChangeHash;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.CodingErrorAction;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A cursor over untrusted bytes in Automerge's encoding. It never throws: it keeps the first
 * failure in {@link #failure()}, and every later read returns zero or an empty value. Callers check
 * {@link #failed()} once at the end, or before they allocate.
 */
public final class ByteReader {

  private final Bytes source;
  private final ByteBuffer buffer;
  private @Nullable String failure;

  public ByteReader(Bytes source) {
    this.source = source;
    this.buffer = source.buffer();
  }

  public boolean failed() {
    return failure != null;
  }

  /** The reason of the first failure; empty if there is none. */
  public String failure() {
    return failure == null ? "" : failure;
  }

  /** Records a failure; only the first one is kept. */
  public void fail(String reason) {
    if (failure == null) {
      failure = reason;
    }
  }

  public int position() {
    return buffer.position();
  }

  public int remaining() {
    return failed() ? 0 : buffer.remaining();
  }

  /** Reads one byte as 0 to 255. */
  public int u8(String field) {
    if (!hasRemaining(1, field)) {
      return 0;
    }
    return buffer.get() & 0xff;
  }

  /** Reads an unsigned LEB128 number of at most 63 bits in its shortest form. */
  public long uleb(String field) {
    var value = 0L;
    for (var shift = 0; shift < 63; shift += 7) {
      if (!hasRemaining(1, field)) {
        return 0;
      }
      var octet = buffer.get();
      value |= (long) (octet & 0x7f) << shift;
      if (octet >= 0) {
        if (octet == 0 && shift > 0) {
          fail(field + " is not in its shortest form");
          return 0;
        }
        return value;
      }
    }
    fail(field + " does not fit 63 bits");
    return 0;
  }

  /** Reads a signed LEB128 number of at most 64 bits in its shortest form. */
  public long sleb(String field) {
    var value = 0L;
    var previous = 0;
    for (var shift = 0; shift < 70; shift += 7) {
      if (!hasRemaining(1, field)) {
        return 0;
      }
      var octet = buffer.get() & 0xff;
      if (shift == 63 && octet != 0 && octet != 0x7f) {
        break;
      }
      value |= (long) (octet & 0x7f) << shift;
      if (octet < 0x80) {
        var negative = (octet & 0x40) != 0;
        if (negative && shift + 7 < 64) {
          value |= -1L << (shift + 7);
        }
        var padding = negative ? 0x7f : 0;
        if (shift > 0 && octet == padding && (previous & 0x40) == (padding & 0x40)) {
          fail(field + " is not in its shortest form");
          return 0;
        }
        return value;
      }
      previous = octet;
    }
    fail(field + " does not fit 64 bits");
    return 0;
  }

  /** Reads a count or length that must not exceed {@code max}. */
  public int count(String field, int max) {
    var value = uleb(field);
    if (value > max) {
      fail(field + " is above " + max);
      return 0;
    }
    return (int) value;
  }

  /** Reads {@code length} bytes without a copy: the result shares the array of the source. */
  public Bytes bytes(String field, int length) {
    if (!hasRemaining(length, field)) {
      return Bytes.EMPTY;
    }
    var slice = source.slice(buffer.position(), length);
    buffer.position(buffer.position() + length);
    return slice;
  }

  /** Reads a length, then that many bytes. */
  public Bytes prefixed(String field, int max) {
    return bytes(field, count(field, max));
  }

  /** Reads a length, then that many bytes of well-formed UTF-8. */
  public String text(String field, int max) {
    var bytes = prefixed(field, max);
    if (bytes.isEmpty()) {
      return "";
    }
    try {
      return StandardCharsets.UTF_8
          .newDecoder()
          .onMalformedInput(CodingErrorAction.REPORT)
          .onUnmappableCharacter(CodingErrorAction.REPORT)
          .decode(bytes.buffer())
          .toString();
    } catch (CharacterCodingException _) {
      fail(field + " is not UTF-8");
      return "";
    }
  }

  /** Reads a count, then that many 32-byte hashes; keeps their order. */
  public List<ChangeHash> hashes(String field, int max) {
    var count = count(field, max);
    if (count == 0 || !hasRemaining((long) count * ChangeHash.LENGTH, field)) {
      return List.of();
    }
    if (count == 1) {
      return List.of(hash());
    }
    var hashes = new ArrayList<ChangeHash>(count);
    for (var i = 0; i < count; i++) {
      hashes.add(hash());
    }
    return List.copyOf(hashes);
  }

  private ChangeHash hash() {
    return new ChangeHash(buffer.getLong(), buffer.getLong(), buffer.getLong(), buffer.getLong());
  }

  private boolean hasRemaining(long length, String field) {
    if (failure != null) {
      return false;
    }
    if (length > buffer.remaining()) {
      fail("the bytes end within " + field);
      return false;
    }
    return true;
  }
}
