package dev.parlor.crdt.graph;

import dev.parlor.crdt.identity.ChangeHash;
import java.util.Arrays;
import java.util.concurrent.ThreadLocalRandom;

/**
 * The hashes of a log's changes by position, and their positions by hash: four words per change in
 * one array, and an open-addressing hash table of positions, at most half full.
 *
 * <p>The slot depends on a secret seed. An attacker who makes changes with similar hashes therefore
 * cannot fill one part of the table. The seed has no other effect.
 */
final class HashIndex {

  /** The number of words of a hash. */
  private static final int WORDS = 4;

  private static final int START = 16;

  private final long seed = ThreadLocalRandom.current().nextLong() | 1;
  private long[] hashes = new long[START * WORDS];

  /** Position + 1 per slot, 0 when free. */
  private int[] table = new int[START * 2];

  private int size;

  int size() {
    return size;
  }

  ChangeHash get(int position) {
    var at = position * WORDS;
    return new ChangeHash(hashes[at], hashes[at + 1], hashes[at + 2], hashes[at + 3]);
  }

  /** The position of the hash, or -1. */
  int find(ChangeHash hash) {
    for (var slot = slot(hash.a(), hash.b()); ; slot = (slot + 1) & (table.length - 1)) {
      var position = table[slot] - 1;
      if (position < 0 || matches(position, hash)) {
        return position;
      }
    }
  }

  /** Appends a hash that is not in the index. */
  void add(ChangeHash hash) {
    if (size * WORDS == hashes.length) {
      hashes = Arrays.copyOf(hashes, Math.multiplyExact(hashes.length, 2));
    }
    if ((size + 1) * 2 > table.length) {
      rehash();
    }
    var at = size * WORDS;
    hashes[at] = hash.a();
    hashes[at + 1] = hash.b();
    hashes[at + 2] = hash.c();
    hashes[at + 3] = hash.d();
    insertIntoTable(size);
    size++;
  }

  private void rehash() {
    table = new int[Math.multiplyExact(table.length, 2)];
    for (var position = 0; position < size; position++) {
      insertIntoTable(position);
    }
  }

  private void insertIntoTable(int position) {
    var slot = slot(hashes[position * WORDS], hashes[position * WORDS + 1]);
    while (table[slot] != 0) {
      slot = (slot + 1) & (table.length - 1);
    }
    table[slot] = position + 1;
  }

  private boolean matches(int position, ChangeHash hash) {
    var at = position * WORDS;
    return hashes[at] == hash.a()
        && hashes[at + 1] == hash.b()
        && hashes[at + 2] == hash.c()
        && hashes[at + 3] == hash.d();
  }

  private int slot(long a, long b) {
    var mixed = (a ^ seed) * 0x9e37_79b9_7f4a_7c15L;
    mixed = (mixed ^ (mixed >>> 32) ^ b) * seed;
    return (int) (mixed >>> 32) & (table.length - 1);
  }
}
