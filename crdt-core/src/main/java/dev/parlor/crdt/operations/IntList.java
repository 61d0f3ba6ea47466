package dev.parlor.crdt.operations;

import java.util.Arrays;

/**
 * A list of ints in blocks. Appending never copies more than one block, since copying a long list
 * would delay the document's step.
 */
final class IntList {

  private static final int BLOCK_BITS = 14;
  private static final int BLOCK_LENGTH = 1 << BLOCK_BITS;
  private static final int INDEX_MASK = BLOCK_LENGTH - 1;
  private static final int[] NO_ITEMS = {};
  private static final int[][] NO_BLOCKS = {};

  /** The first block; it grows up to the full length. */
  private int[] first = NO_ITEMS;

  /** The blocks after the first; each has the full length. */
  private int[][] furtherBlocks = NO_BLOCKS;

  private int size;

  int size() {
    return size;
  }

  int get(int index) {
    return index < BLOCK_LENGTH
        ? first[index]
        : furtherBlocks[(index >>> BLOCK_BITS) - 1][index & INDEX_MASK];
  }

  void set(int index, int value) {
    if (index < BLOCK_LENGTH) {
      first[index] = value;
    } else {
      furtherBlocks[(index >>> BLOCK_BITS) - 1][index & INDEX_MASK] = value;
    }
  }

  void add(int value) {
    if (size < BLOCK_LENGTH) {
      if (size == first.length) {
        first = Arrays.copyOf(first, size < 4 ? 4 : Math.min(BLOCK_LENGTH, size + (size >> 1)));
      }
      first[size] = value;
    } else {
      var block = (size >>> BLOCK_BITS) - 1;
      if (block == furtherBlocks.length) {
        furtherBlocks = Arrays.copyOf(furtherBlocks, block < 4 ? 4 : block + (block >> 1));
      }
      if (furtherBlocks[block] == null) {
        furtherBlocks[block] = new int[BLOCK_LENGTH];
      }
      furtherBlocks[block][size & INDEX_MASK] = value;
    }
    size = Math.addExact(size, 1);
  }

  void truncate(int newSize) {
    size = newSize;
  }

  /**
   * The index of the last item of an ascending list that is at most the value; -1 without such an
   * item.
   */
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

  long heapBytes() {
    var blocks = 0L;
    for (var block : furtherBlocks) {
      blocks += block == null ? 8 : 24 + 4L * BLOCK_LENGTH;
    }
    return 48 + 4L * first.length + blocks;
  }
}
