package dev.parlor.crdt.graph;

import java.util.Arrays;

/**
 * The dependencies of a log's changes as positions. One dependency, the common case, is stored
 * inline; several dependencies are in a pool.
 *
 * <p>To iterate: {@code for (var i = first(p); i < end(p, first); i++) at(p, i)}.
 */
final class DependencyTable {

  private static final int NONE = -1;

  /** For each change its only dependency, or -1 for none, or -2 - (the index of its pool entry). */
  private int[] inline = new int[16];

  private int size;

  /** The entries of changes with several dependencies: each a count, then the dependencies. */
  private int[] pool = {};

  private int poolSize;

  /** Appends the dependencies of the next change. */
  void add(int[] positions) {
    if (size == inline.length) {
      inline = Arrays.copyOf(inline, Math.multiplyExact(size, 2));
    }
    inline[size++] =
        switch (positions.length) {
          case 0 -> NONE;
          case 1 -> positions[0];
          default -> -2 - addToPool(positions);
        };
  }

  /** The first index of the change's dependencies, for {@link #at}. */
  int first(int position) {
    return inline[position] < NONE ? -2 - inline[position] + 1 : 0;
  }

  /** One past the last index, given the result of {@link #first}. */
  int end(int position, int first) {
    if (inline[position] < NONE) {
      return first + pool[first - 1];
    }
    return inline[position] == NONE ? 0 : 1;
  }

  int at(int position, int index) {
    return inline[position] < NONE ? pool[index] : inline[position];
  }

  private int addToPool(int[] positions) {
    var at = poolSize;
    var needed = Math.addExact(poolSize, positions.length + 1);
    if (needed > pool.length) {
      pool = Arrays.copyOf(pool, Math.max(needed, pool.length * 2));
    }
    pool[at] = positions.length;
    System.arraycopy(positions, 0, pool, at + 1, positions.length);
    poolSize = needed;
    return at;
  }
}
