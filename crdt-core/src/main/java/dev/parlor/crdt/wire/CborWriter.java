package dev.parlor.crdt.wire;

import dev.parlor.crdt.identity.Bytes;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/**
 * Writes CBOR (RFC 8949) in a strict form that every decoder accepts: definite lengths, numbers in
 * the shortest form, no tags [WS2]. A map or list is a count, followed by that many entries; the
 * writer does not check the count.
 */
public final class CborWriter {

  private static final int UNSIGNED = 0;
  private static final int NEGATIVE = 1;
  private static final int BYTE_STRING = 2;
  private static final int TEXT_STRING = 3;
  private static final int ARRAY = 4;
  private static final int MAP = 5;

  private byte[] array;
  private int length;

  public CborWriter() {
    this(256);
  }

  public CborWriter(int capacity) {
    array = new byte[Math.max(16, capacity)];
  }

  /** Begins a map; {@code entries} keys with their values must follow. */
  public CborWriter map(int entries) {
    return writeHead(MAP, entries);
  }

  /** Begins a list; {@code elements} values must follow. */
  public CborWriter list(int elements) {
    return writeHead(ARRAY, elements);
  }

  public CborWriter text(String text) {
    var utf8 = text.getBytes(StandardCharsets.UTF_8);
    writeHead(TEXT_STRING, utf8.length);
    reserve(utf8.length);
    System.arraycopy(utf8, 0, array, length, utf8.length);
    length += utf8.length;
    return this;
  }

  public CborWriter bytes(Bytes bytes) {
    writeHead(BYTE_STRING, bytes.length());
    reserve(bytes.length());
    bytes.copyTo(array, length);
    length += bytes.length();
    return this;
  }

  /**
   * Writes an integer. JavaScript reads an eight-byte integer as BigInt, so an integer beyond 32
   * bits is written as a double, which is exact up to 2^53.
   */
  public CborWriter integer(long value) {
    if (value > 0xffff_ffffL || value < -0x1_0000_0000L) {
      return number((double) value);
    }
    return value < 0 ? writeHead(NEGATIVE, -1 - value) : writeHead(UNSIGNED, value);
  }

  /** Writes a double. */
  public CborWriter number(double value) {
    reserve(9);
    array[length++] = (byte) 0xfb;
    var bits = Double.doubleToRawLongBits(value);
    for (var shift = 56; shift >= 0; shift -= 8) {
      array[length++] = (byte) (bits >>> shift);
    }
    return this;
  }

  public CborWriter bool(boolean value) {
    reserve(1);
    array[length++] = (byte) (value ? 0xf5 : 0xf4);
    return this;
  }

  public CborWriter nullValue() {
    reserve(1);
    array[length++] = (byte) 0xf6;
    return this;
  }

  /** A copy of the bytes written so far; more can be written afterwards. */
  public Bytes toBytes() {
    return Bytes.wrap(Arrays.copyOf(array, length));
  }

  private CborWriter writeHead(int major, long value) {
    reserve(9);
    var type = major << 5;
    if (value < 24) {
      array[length++] = (byte) (type | (int) value);
    } else if (value < 0x100) {
      array[length++] = (byte) (type | 24);
      array[length++] = (byte) value;
    } else if (value < 0x1_0000) {
      array[length++] = (byte) (type | 25);
      array[length++] = (byte) (value >>> 8);
      array[length++] = (byte) value;
    } else {
      array[length++] = (byte) (type | 26);
      for (var shift = 24; shift >= 0; shift -= 8) {
        array[length++] = (byte) (value >>> shift);
      }
    }
    return this;
  }

  private void reserve(int additional) {
    if (length + additional > array.length) {
      array = Arrays.copyOf(array, Math.max(array.length * 2, length + additional));
    }
  }
}
