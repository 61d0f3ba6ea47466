package dev.parlor.crdt.document;

import java.util.Arrays;

/** A hash table from packed ids to positions, without an object for each entry. */
final class IdTable {

  /** The position of an id that is not in the table. */
  static final int ABSENT = -1;

  private final long[] ids;
  private final int[] positions;
  private final int mask;

  /** A table for at most this number of ids. */
  IdTable(int idsMax) {
    var capacity = Integer.highestOneBit(Math.max(8, idsMax)) * 4;
    ids = new long[capacity];
    positions = new int[capacity];
    Arrays.fill(positions, ABSENT);
    mask = capacity - 1;
  }

  /** Adds the id if it is absent, and returns its position before: ABSENT if it was absent. */
  int putIfAbsent(long id, int position) {
    var slot = slot(id);
    var present = positions[slot];
    if (present == ABSENT) {
      ids[slot] = id;
      positions[slot] = position;
    }
    return present;
  }

  int get(long id) {
    return positions[slot(id)];
  }

  private int slot(long id) {
    var mixed = id * 0x9e37_79b9_7f4a_7c15L;
    var slot = (int) (mixed >>> 33) & mask;
    while (positions[slot] != ABSENT && ids[slot] != id) {
      slot = (slot + 1) & mask;
    }
    return slot;
  }
}
