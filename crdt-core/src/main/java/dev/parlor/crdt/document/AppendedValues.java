package dev.parlor.crdt.document;

import dev.parlor.crdt.identity.Bytes;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * The values of operations that are added one after the other. Short values are copied end to end
 * into an array; a long value stays where it is, in its change.
 */
final class AppendedValues {

  private static final int COPIED_BYTES_MAX = 256;

  private byte[] copied = new byte[0];
  private int size;
  private final List<Bytes> kept = new ArrayList<>();

  /** Adds a value and returns its place: an offset if it was copied, otherwise negative. */
  int add(Bytes value) throws MalformedDocumentException {
    if (value.length() > COPIED_BYTES_MAX) {
      kept.add(value);
      return -kept.size();
    }
    if (value.length() > copied.length - size) {
      var capacity = Math.min(Integer.MAX_VALUE - 8L, size + (size / 2L) + COPIED_BYTES_MAX);
      if (capacity - size < value.length()) {
        throw MalformedDocumentException.limit("the values of the document exceed 2 GiB");
      }
      copied = Arrays.copyOf(copied, (int) capacity);
    }
    value.copyTo(copied, size);
    size += value.length();
    return size - value.length();
  }

  /** The value at a place that {@link #add} returned. */
  Bytes value(int place, int length) {
    return place < 0 ? kept.get(-place - 1) : Bytes.wrap(copied, place, length);
  }
}
