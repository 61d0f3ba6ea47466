package dev.parlor.crdt.operations;

import java.util.Arrays;

/** A growing list of ints that can be cut back. */
final class IntList {

  private static final int[] NONE = {};

  private int[] items = NONE;
  private int size;

  int size() {
    return size;
  }

  int get(int index) {
    return items[index];
  }

  void set(int index, int value) {
    items[index] = value;
  }

  void add(int value) {
    if (size == items.length) {
      items = Arrays.copyOf(items, size < 4 ? 4 : Math.addExact(size, size >> 1));
    }
    items[size++] = value;
  }

  void truncate(int to) {
    size = to;
  }

  /** The last index whose item is not above the value, in an ascending list; -1 when none is. */
  int floor(int value) {
    if (size > 0 && items[size - 1] <= value) {
      return size - 1;
    }
    var low = 0;
    var high = size - 1;
    while (low <= high) {
      var middle = (low + high) >>> 1;
      if (items[middle] <= value) {
        low = middle + 1;
      } else {
        high = middle - 1;
      }
    }
    return high;
  }

  /** Bytes of heap. */
  long heapBytes() {
    return 40 + 4L * items.length;
  }
}
