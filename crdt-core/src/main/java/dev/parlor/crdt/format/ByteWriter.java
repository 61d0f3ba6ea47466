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

  /** The length of an unsigned LEB128 number in its shortest form. */
  public static int ulebLength(long value) {
    return value == 0 ? 1 : (70 - Long.numberOfLeadingZeros(value)) / 7;
  }

  public ByteWriter u8(int octet) {
    room(1);
    array[size++] = (byte) octet;
    return this;
  }

  /** Writes a number that is not negative. */
  public ByteWriter uleb(long value) {
    room(10);
    var rest = value;
    while (rest > 0x7f) {
      array[size++] = (byte) ((rest & 0x7f) | 0x80);
      rest >>>= 7;
    }
    array[size++] = (byte) rest;
    return this;
  }

  public ByteWriter bytes(Bytes bytes) {
    room(bytes.length());
    bytes.copyTo(array, size);
    size += bytes.length();
    return this;
  }

  /** A length, then the bytes. */
  public ByteWriter prefixed(Bytes bytes) {
    return uleb(bytes.length()).bytes(bytes);
  }

  /** A count, then the hashes in the given order. */
  public ByteWriter hashes(List<ChangeHash> hashes) {
    uleb(hashes.size());
    room(Math.multiplyExact(hashes.size(), ChangeHash.LENGTH));
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

  private void room(int more) {
    var needed = Math.addExact(size, more);
    if (needed > array.length) {
      array = Arrays.copyOf(array, (int) Math.min(Integer.MAX_VALUE - 8L, needed * 2L));
    }
  }
}
