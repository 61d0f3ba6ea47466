package dev.parlor.crdt.graph;

import java.util.Arrays;

/**
 * A set of log positions at or above a base, as a bit set. It takes no memory until the first
 * position is added. Confined to one thread.
 */
public final class PositionSet {

  private static final long[] NONE = {};

  /** {@link #clear} releases an array above this length; a smaller one is used again. */
  private static final int WORDS_KEPT = 16;

  private int base;
  private long[] words = NONE;
  private int count;

  public PositionSet(int base) {
    this.base = base;
  }

  public int base() {
    return base;
  }

  /** The number of positions in the set. */
  public int count() {
    return count;
  }

  public boolean contains(int position) {
    var at = position - base;
    return at >= 0 && at >> 6 < words.length && (words[at >> 6] & (1L << at)) != 0;
  }

  /** Adds a position at or above the base; true if it was not in the set. */
  public boolean add(int position) {
    var at = position - base;
    if (at < 0) {
      throw new IllegalArgumentException("position " + position + " is below the base " + base);
    }
    if (at >> 6 >= words.length) {
      words = Arrays.copyOf(words, Math.max((at >> 6) + 1, words.length * 2));
    }
    var bit = 1L << at;
    if ((words[at >> 6] & bit) != 0) {
      return false;
    }
    words[at >> 6] |= bit;
    count++;
    return true;
  }

  /** Removes a position, if it is in the set. */
  public void remove(int position) {
    if (contains(position)) {
      words[(position - base) >> 6] &= ~(1L << (position - base));
      count--;
    }
  }

  /** Empties the set and moves its base. */
  public void clear(int newBase) {
    base = newBase;
    if (count > 0) {
      count = 0;
      if (words.length > WORDS_KEPT) {
        words = NONE;
      } else {
        Arrays.fill(words, 0);
      }
    }
  }
}
