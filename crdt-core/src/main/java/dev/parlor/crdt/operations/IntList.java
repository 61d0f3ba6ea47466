package dev.parlor.crdt.operations;

import java.util.Arrays;

/**
 * A growing list of ints that can be truncated. Growing never copies more than one block, since
 * copying a long list would delay the document's step.
 */
final class IntList {

  private static final int SHIFT = 14;
  private static final int BLOCK = 1 << SHIFT;
  private static final int MASK = BLOCK - 1;
  private static final int[] NONE = {};
  private static final int[][] NO_BLOCKS = {};

  private int[] first = NONE;

  /** Items beyond the first block, in blocks of the same length. */
  private int[][] rest = NO_BLOCKS;

  private int size;

  int size() {
    return size;
  }

  int get(int index) {
    return index < BLOCK ? first[index] : rest[(index >>> SHIFT) - 1][index & MASK];
  }

  void set(int index, int value) {
    if (index < BLOCK) {
      first[index] = value;
    } else {
      rest[(index >>> SHIFT) - 1][index & MASK] = value;
    }
  }

  void add(int value) {
    if (size < BLOCK) {
      if (size == first.length) {
        first = Arrays.copyOf(first, size < 4 ? 4 : Math.min(BLOCK, size + (size >> 1)));
      }
      first[size] = value;
    } else {
      var block = (size >>> SHIFT) - 1;
      if (block == rest.length) {
        rest = Arrays.copyOf(rest, block < 4 ? 4 : block + (block >> 1));
      }
      if (rest[block] == null) {
        rest[block] = new int[BLOCK];
      }
      rest[block][size & MASK] = value;
    }
    size = Math.addExact(size, 1);
  }

  void truncate(int to) {
    size = to;
  }

  /** The last index whose item is not above the value, in an ascending list; -1 when none is. */
  int floor(int value) {
    if (size > 0 && get(size - 1) <= value) {
      return size - 1;
    }
    var low = 0;
    var high = size - 1;
    while (low <= high) {
      var middle = (low + high) >>> 1;
      if (get(middle) <= value) {
        low = middle + 1;
      } else {
        high = middle - 1;
      }
    }
    return high;
  }

  /** Bytes of heap. */
  long heapBytes() {
    var blocks = 0L;
    for (var block : rest) {
      blocks += block == null ? 8 : 24 + 4L * BLOCK;
    }
    return 48 + 4L * first.length + blocks;
  }
}
