package dev.parlor.crdt.document;

import java.util.Arrays;
import java.util.SplittableRandom;

/** A hash table from packed ids to positions, without an object for each entry. */
final class IdTable {

  /** The position of an id that is not in the table. */
  static final int ABSENT = -1;

  /** Differs in each process, so that no document can be made whose ids collide. */
  private static final long SALT = new SplittableRandom().nextLong();

  private final long[] ids;
  private final int[] positions;
  private final int mask;

  /** A table for at most this number of ids. */
  IdTable(int idsMax) {
    var capacity = Integer.highestOneBit(Math.max(8, idsMax)) * 4; // at most half full
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
    var mixed = (id ^ SALT) * 0x9e37_79b9_7f4a_7c15L;
    mixed = (mixed ^ (mixed >>> 32)) * 0xd6e8_feb8_6659_fd93L;
    var slot = (int) (mixed >>> 32) & mask;
    while (positions[slot] != ABSENT && ids[slot] != id) {
      slot = (slot + 1) & mask;
    }
    return slot;
  }
}
