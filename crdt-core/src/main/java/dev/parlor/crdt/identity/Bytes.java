package dev.parlor.crdt.identity;

import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Objects;

/**
 * An immutable sequence of bytes with value equality. A slice shares the original array. Records
 * hold this instead of {@code byte[]}, which compares by identity and is mutable.
 */
public final class Bytes implements Comparable<Bytes> {

  public static final Bytes EMPTY = new Bytes(new byte[0], 0, 0);

  private final byte[] array;
  private final int offset;
  private final int length;
  private int hash;

  private Bytes(byte[] array, int offset, int length) {
    this.array = array;
    this.offset = offset;
    this.length = length;
  }

  /** Wraps the array without a copy; the caller must never write to it again. */
  public static Bytes wrap(byte[] array) {
    return array.length == 0 ? EMPTY : new Bytes(array, 0, array.length);
  }

  /** Wraps {@code length} bytes from {@code offset} without a copy, as {@link #wrap(byte[])}. */
  public static Bytes wrap(byte[] array, int offset, int length) {
    Objects.checkFromIndexSize(offset, length, array.length);
    return length == 0 ? EMPTY : new Bytes(array, offset, length);
  }

  public static Bytes copyOf(byte[] array) {
    return wrap(array.clone());
  }

  public static Bytes utf8(String text) {
    return wrap(text.getBytes(StandardCharsets.UTF_8));
  }

  /** Reads hexadecimal that this process wrote; throws on anything else. */
  public static Bytes ofHex(String hex) {
    return wrap(HexFormat.of().parseHex(hex));
  }

  public static Bytes concat(List<Bytes> parts) {
    var total = parts.stream().mapToInt(Bytes::length).reduce(0, Math::addExact);
    var joined = new byte[total];
    var at = 0;
    for (var part : parts) {
      part.copyTo(joined, at);
      at += part.length;
    }
    return wrap(joined);
  }

  public int length() {
    return length;
  }

  public boolean isEmpty() {
    return length == 0;
  }

  /** The byte at {@code index} as 0 to 255. */
  public int at(int index) {
    Objects.checkIndex(index, length);
    return array[offset + index] & 0xff;
  }

  /** A part of these bytes without a copy: it shares the array. */
  public Bytes slice(int from, int count) {
    Objects.checkFromIndexSize(from, count, length);
    return count == 0 ? EMPTY : new Bytes(array, offset + from, count);
  }

  public byte[] toArray() {
    return Arrays.copyOfRange(array, offset, offset + length);
  }

  public void copyTo(byte[] target, int at) {
    System.arraycopy(array, offset, target, at, length);
  }

  public void copyTo(ByteBuffer target) {
    target.put(array, offset, length);
  }

  public void writeTo(OutputStream out) throws java.io.IOException {
    out.write(array, offset, length);
  }

  public void update(MessageDigest digest) {
    digest.update(array, offset, length);
  }

  /**
   * Whether {@code count} bytes from {@code from} equal as many bytes of {@code other} from {@code
   * otherFrom}.
   */
  public boolean matches(int from, Bytes other, int otherFrom, int count) {
    Objects.checkFromIndexSize(from, count, length);
    Objects.checkFromIndexSize(otherFrom, count, other.length);
    var here = offset + from;
    var there = other.offset + otherFrom;
    return Arrays.equals(array, here, here + count, other.array, there, there + count);
  }

  /** A read-only big-endian view. */
  public ByteBuffer buffer() {
    return ByteBuffer.wrap(array, offset, length)
        .slice()
        .asReadOnlyBuffer()
        .order(ByteOrder.BIG_ENDIAN);
  }

  public String toUtf8() {
    return new String(array, offset, length, StandardCharsets.UTF_8);
  }

  public String toHex() {
    return HexFormat.of().formatHex(array, offset, offset + length);
  }

  @Override
  public int compareTo(Bytes other) {
    return Arrays.compareUnsigned(
        array, offset, offset + length, other.array, other.offset, other.offset + other.length);
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof Bytes that
        && length == that.length
        && Arrays.equals(
            array, offset, offset + length, that.array, that.offset, that.offset + that.length);
  }

  @Override
  public int hashCode() {
    var h = hash;
    if (h == 0) {
      for (var i = offset; i < offset + length; i++) {
        h = 31 * h + array[i];
      }
      hash = h;
    }
    return h;
  }

  /** Shows only the length and the first eight bytes, because the contents may be private. */
  @Override
  public String toString() {
    return "Bytes["
        + length
        + ": "
        + slice(0, Math.min(8, length)).toHex()
        + (length > 8 ? "..]" : "]");
  }
}
