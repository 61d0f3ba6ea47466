package dev.parlor.relay.documents;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * The difference between two sequences of numbers, as few and short replacements (Myers'
 * algorithm). If the sequences differ too much, the part between their common beginning and end is
 * one replacement. Pure.
 */
final class Difference {

  /** Deletions and insertions that are searched for; the search takes the square of this. */
  private static final int EDITS_MAX = 1_000;

  /**
   * A replacement.
   *
   * @param from the first replaced position of the old sequence
   * @param to the position after the last
   * @param newFrom the first position of the replacement in the new sequence
   * @param newTo the position after the last
   */
  record Hunk(int from, int to, int newFrom, int newTo) {}

  private Difference() {}

  /** The replacements that turn one sequence into the other, in ascending order. */
  static List<Hunk> between(int[] old, int[] wanted) {
    var start = 0;
    while (start < old.length && start < wanted.length && old[start] == wanted[start]) {
      start++;
    }
    var end = 0;
    while (end < old.length - start
        && end < wanted.length - start
        && old[old.length - 1 - end] == wanted[wanted.length - 1 - end]) {
      end++;
    }
    var oldMiddle = Arrays.copyOfRange(old, start, old.length - end);
    var newMiddle = Arrays.copyOfRange(wanted, start, wanted.length - end);
    if (oldMiddle.length == 0 && newMiddle.length == 0) {
      return List.of();
    }
    if (oldMiddle.length == 0 || newMiddle.length == 0) {
      return List.of(new Hunk(start, start + oldMiddle.length, start, start + newMiddle.length));
    }
    return hunks(matches(oldMiddle, newMiddle), oldMiddle.length, newMiddle.length, start);
  }

  /**
   * Pairs of positions with equal numbers, ascending in both sequences: as many as possible, or
   * none if the sequences differ too much.
   */
  private static List<int[]> matches(int[] old, int[] wanted) {
    var max = Math.min(EDITS_MAX, old.length + wanted.length);
    // The furthest position of the old sequence on each diagonal, after each number of edits.
    var trace = new ArrayList<int[]>();
    var furthest = new int[2 * max + 3];
    for (var edits = 0; edits <= max; edits++) {
      for (var diagonal = -edits; diagonal <= edits; diagonal += 2) {
        var at = diagonal + max + 1;
        var x =
            diagonal == -edits || (diagonal != edits && furthest[at - 1] < furthest[at + 1])
                ? furthest[at + 1]
                : furthest[at - 1] + 1;
        var y = x - diagonal;
        while (x < old.length && y < wanted.length && x >= 0 && y >= 0 && old[x] == wanted[y]) {
          x++;
          y++;
        }
        furthest[at] = x;
        if (x >= old.length && y >= wanted.length) {
          return path(trace, old.length, wanted.length);
        }
      }
      trace.add(Arrays.copyOfRange(furthest, max + 1 - edits, max + 2 + edits));
    }
    return List.of();
  }

  /** The equal positions on the way to the end of both sequences, ascending. */
  private static List<int[]> path(List<int[]> trace, int oldLength, int newLength) {
    var matches = new ArrayList<int[]>();
    var x = oldLength;
    var y = newLength;
    for (var edits = trace.size(); edits > 0; edits--) {
      var before = trace.get(edits - 1);
      var diagonal = x - y;
      var previous =
          diagonal == -edits
                  || (diagonal != edits
                      && at(before, diagonal - 1, edits) < at(before, diagonal + 1, edits))
              ? diagonal + 1
              : diagonal - 1;
      var previousX = at(before, previous, edits);
      var startX = previous > diagonal ? previousX : previousX + 1;
      while (x > startX) {
        matches.add(new int[] {--x, --y});
      }
      x = previousX;
      y = previousX - previous;
    }
    while (x > 0 && y > 0) {
      matches.add(new int[] {--x, --y});
    }
    return matches.reversed();
  }

  private static int at(int[] before, int diagonal, int edits) {
    var index = diagonal + edits - 1;
    return index < 0 || index >= before.length ? -1 : before[index];
  }

  private static List<Hunk> hunks(List<int[]> matches, int oldLength, int newLength, int offset) {
    var hunks = new ArrayList<Hunk>();
    var x = 0;
    var y = 0;
    for (var match : matches) {
      if (match[0] > x || match[1] > y) {
        hunks.add(new Hunk(offset + x, offset + match[0], offset + y, offset + match[1]));
      }
      x = match[0] + 1;
      y = match[1] + 1;
    }
    if (oldLength > x || newLength > y) {
      hunks.add(new Hunk(offset + x, offset + oldLength, offset + y, offset + newLength));
    }
    return hunks;
  }
}
