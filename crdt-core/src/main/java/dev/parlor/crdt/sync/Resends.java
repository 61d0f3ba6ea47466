package dev.parlor.crdt.sync;

import dev.parlor.crdt.graph.PositionSet;
import java.util.Arrays;

/**
 * The positions of changes that the peer requested by hash. Each is sent again at most once until
 * the peer has our heads. Used by the document's worker only.
 */
final class Resends {
  private static final int[] NONE = {};

  private int[] positions = NONE;
  private int count;
  private final PositionSet everSent = new PositionSet(0);

  /** Adds a requested change, unless it was sent again before. */
  void request(int position) {
    if (!everSent.add(position)) {
      return;
    }
    if (count == positions.length) {
      positions = Arrays.copyOf(positions, Math.max(8, count * 2));
    }
    positions[count++] = position;
  }

  boolean isEmpty() {
    return count == 0;
  }

  /** The requested positions, ascending. */
  int[] sorted() {
    if (count == 0) {
      return NONE;
    }
    var sorted = Arrays.copyOf(positions, count);
    Arrays.sort(sorted);
    return sorted;
  }

  /** The requested changes were sent. */
  void sent() {
    positions = NONE;
    count = 0;
  }

  /** From now on every change may be sent again once more. */
  void allowAgain() {
    everSent.clear(0);
  }
}
