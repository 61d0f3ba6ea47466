package dev.parlor.crdt.document;

import dev.parlor.crdt.identity.ChangeHash;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.List;

/** A hash table from change hashes to positions, without an object for each change. */
final class ChangePositions {

  /** The position of a change that is not in the table. */
  static final int ABSENT = -1;

  private static final int WORDS = 4;
  private static final int ENTRIES_MIN = 16;

  private long[] hashes = new long[ENTRIES_MIN * WORDS];
  private int[] positions = new int[ENTRIES_MIN];
  private int size;

  /** Entries, at most half full. A slot is chosen by a part of the SHA-256. */
  private int[] slots = new int[ENTRIES_MIN * 2];

  ChangePositions() {
    Arrays.fill(slots, ABSENT);
  }

  /** Adds a change unless it is in the table. */
  void add(ChangeHash hash, int position) {
    if (size == positions.length) {
      grow();
    }
    var slot = slot(hash);
    if (slots[slot] != ABSENT) {
      return;
    }
    slots[slot] = size;
    hashes[WORDS * size] = hash.a();
    hashes[WORDS * size + 1] = hash.b();
    hashes[WORDS * size + 2] = hash.c();
    hashes[WORDS * size + 3] = hash.d();
    positions[size++] = position;
  }

  int position(ChangeHash hash) {
    var entry = slots[slot(hash)];
    return entry == ABSENT ? ABSENT : positions[entry];
  }

  /** A change and its position. */
  record Located(ChangeHash hash, int position) {}

  /** The changes of the table whose positions are not in the set, in the order of their hashes. */
  List<Located> without(BitSet excluded) {
    var located = new ArrayList<Located>();
    for (var entry = 0; entry < size; entry++) {
      if (!excluded.get(positions[entry])) {
        located.add(new Located(hash(entry), positions[entry]));
      }
    }
    located.sort((one, other) -> one.hash().compareTo(other.hash()));
    return located;
  }

  private ChangeHash hash(int entry) {
    var at = WORDS * entry;
    return new ChangeHash(hashes[at], hashes[at + 1], hashes[at + 2], hashes[at + 3]);
  }

  private void grow() {
    var capacity = Math.multiplyExact(positions.length, 2);
    hashes = Arrays.copyOf(hashes, Math.multiplyExact(capacity, WORDS));
    positions = Arrays.copyOf(positions, capacity);
    slots = new int[Math.multiplyExact(capacity, 2)];
    Arrays.fill(slots, ABSENT);
    for (var entry = 0; entry < size; entry++) {
      slots[slot(hash(entry))] = entry;
    }
  }

  private int slot(ChangeHash hash) {
    var slot = (int) hash.d() & (slots.length - 1);
    while (slots[slot] != ABSENT && !hash(slots[slot]).equals(hash)) {
      slot = (slot + 1) & (slots.length - 1);
    }
    return slot;
  }
}
