package dev.parlor.crdt.format;

import dev.parlor.crdt.identity.Bytes;
import dev.parlor.crdt.identity.ChangeHash;
import java.util.Arrays;
import java.util.List;

/** Appends values in Automerge's encoding to a growing array. */
public final class ByteWriter {

  private byte[] array;
  private int size;

  public ByteWriter(int capacity) {
    array = new byte[capacity];
  }

  /** The number of bytes of an unsigned LEB128 number in its shortest form. */
  public static int ulebLength(long value) {
    return value == 0 ? 1 : (70 - Long.numberOfLeadingZeros(value)) / 7;
  }

  public ByteWriter u8(int octet) {
    ensureCapacity(1);
    array[size++] = (byte) octet;
    return this;
  }

  /** Writes a number that is not negative as unsigned LEB128. */
  public ByteWriter uleb(long value) {
    ensureCapacity(10);
    var remaining = value;
    while (remaining > 0x7f) {
      array[size++] = (byte) ((remaining & 0x7f) | 0x80);
      remaining >>>= 7;
    }
    array[size++] = (byte) remaining;
    return this;
  }

  /** Writes a number as signed LEB128 in its shortest form. */
  public ByteWriter sleb(long value) {
    ensureCapacity(10);
    var remaining = value;
    while (remaining < -0x40 || remaining > 0x3f) {
      array[size++] = (byte) ((remaining & 0x7f) | 0x80);
      remaining >>= 7;
    }
    array[size++] = (byte) (remaining & 0x7f);
    return this;
  }

  public ByteWriter bytes(Bytes bytes) {
    ensureCapacity(bytes.length());
    bytes.copyTo(array, size);
    size += bytes.length();
    return this;
  }

  /** Copies the written bytes to an array. */
  void copyTo(byte[] target, int at) {
    System.arraycopy(array, 0, target, at, size);
  }

  /** Writes a length, then the bytes. */
  public ByteWriter prefixed(Bytes bytes) {
    return uleb(bytes.length()).bytes(bytes);
  }

  /** Writes a count, then the hashes in the given order. */
  public ByteWriter hashes(List<ChangeHash> hashes) {
    uleb(hashes.size());
    ensureCapacity(Math.multiplyExact(hashes.size(), ChangeHash.LENGTH));
    for (var hash : hashes) {
      hash.write(array, size);
      size += ChangeHash.LENGTH;
    }
    return this;
  }

  /** The written bytes; the writer must not be used afterwards. */
  public Bytes toBytes() {
    return Bytes.wrap(size == array.length ? array : Arrays.copyOf(array, size));
  }

  /** Appends the bytes of another writer. */
  public ByteWriter bytes(ByteWriter other) {
    ensureCapacity(other.size);
    System.arraycopy(other.array, 0, array, size, other.size);
    size += other.size;
    return this;
  }

  /** The number of written bytes. */
  public int size() {
    return size;
  }

  /** Removes the written bytes and keeps the array, so that the writer can be used again. */
  public void clear() {
    size = 0;
  }

  private void ensureCapacity(int additional) {
    var needed = Math.addExact(size, additional);
    if (needed > array.length) {
      array = Arrays.copyOf(array, (int) Math.min(Integer.MAX_VALUE - 8L, needed * 2L));
    }
  }
}
