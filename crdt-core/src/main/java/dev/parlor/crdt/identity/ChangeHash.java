package dev.parlor.crdt.identity;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import java.util.HexFormat;

/**
 * The SHA-256 hash that names a change: 32 bytes, kept as four big-endian words, so comparing and
 * hashing need no array. The order is that of the unsigned bytes, as for heads on the wire.
 */
public record ChangeHash(long a, long b, long c, long d) implements Comparable<ChangeHash> {

  /** Length in bytes. */
  public static final int LENGTH = 32;

  private static final VarHandle WORDS =
      MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.BIG_ENDIAN);

  /** Reads 32 bytes from {@code offset}; throws if there are fewer. */
  public static ChangeHash read(byte[] array, int offset) {
    return new ChangeHash(
        (long) WORDS.get(array, offset),
        (long) WORDS.get(array, offset + 8),
        (long) WORDS.get(array, offset + 16),
        (long) WORDS.get(array, offset + 24));
  }

  public static Decoding<ChangeHash> decode(Bytes bytes) {
    return bytes.length() == LENGTH
        ? Decoding.of(read(bytes.toArray(), 0))
        : Decoding.malformed("SY4", "a change hash has 32 bytes, not " + bytes.length());
  }

  /** Reads 64 hexadecimal digits. */
  public static Decoding<ChangeHash> parse(String hex) {
    if (hex.length() != 2 * LENGTH || !hex.chars().allMatch(HexFormat::isHexDigit)) {
      return Decoding.malformed("SY4", "a change hash is written as 64 hexadecimal digits");
    }
    return Decoding.of(read(HexFormat.of().parseHex(hex), 0));
  }

  public void write(byte[] target, int offset) {
    WORDS.set(target, offset, a);
    WORDS.set(target, offset + 8, b);
    WORDS.set(target, offset + 16, c);
    WORDS.set(target, offset + 24, d);
  }

  public byte[] toArray() {
    var array = new byte[LENGTH];
    write(array, 0);
    return array;
  }

  @Override
  public int compareTo(ChangeHash other) {
    var order = Long.compareUnsigned(a, other.a);
    if (order == 0) {
      order = Long.compareUnsigned(b, other.b);
    }
    if (order == 0) {
      order = Long.compareUnsigned(c, other.c);
    }
    return order == 0 ? Long.compareUnsigned(d, other.d) : order;
  }

  /** Uses the first word alone: the bits of a SHA-256 are distributed evenly. */
  @Override
  public int hashCode() {
    return (int) (a ^ (a >>> 32));
  }

  @Override
  public String toString() {
    return HexFormat.of().formatHex(toArray());
  }
}
