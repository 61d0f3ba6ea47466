package dev.parlor.room.schema;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.regex.Pattern;

/**
 * Matches the words of two texts: finds a longest common subsequence of words, blanks and single
 * signs. Source: E. Myers, "An O(ND) Difference Algorithm and Its Variations" (1986).
 */
final class WordDiff {

  /** No matching word in the other text. */
  static final int NONE = -1;

  /**
   * Differing words of both texts together; above: no words match between the common beginning and
   * the common end.
   */
  static final int DIFFERENCES_MAX = 1_000;

  private static final Pattern WORD =
      Pattern.compile("[\\p{L}\\p{M}\\p{N}_]+|\\R|\\h+|.", Pattern.DOTALL);

  private WordDiff() {}

  /**
   * Splits a text into words, runs of blanks, line ends and single signs. Joined, they give the
   * text again.
   */
  static List<String> words(String text) {
    var words = new ArrayList<String>();
    var matcher = WORD.matcher(text);
    while (matcher.find()) {
      words.add(matcher.group());
    }
    return words;
  }

  /** For each word of {@code from}, the index of its match in {@code to}, or {@link #NONE}. */
  static int[] matches(List<String> from, List<String> to) {
    var matches = new int[from.size()];
    Arrays.fill(matches, NONE);
    var start = 0;
    var shorter = Math.min(from.size(), to.size());
    while (start < shorter && from.get(start).equals(to.get(start))) {
      matches[start] = start;
      start++;
    }
    var tail = 0;
    while (tail < shorter - start
        && from.get(from.size() - 1 - tail).equals(to.get(to.size() - 1 - tail))) {
      matches[from.size() - 1 - tail] = to.size() - 1 - tail;
      tail++;
    }
    var between =
        middle(from.subList(start, from.size() - tail), to.subList(start, to.size() - tail));
    for (var pair : between) {
      matches[start + pair.from] = start + pair.to;
    }
    return matches;
  }

  /** The indexes of two matching words. */
  private record Pair(int from, int to) {}

  /**
   * The matches of two texts whose first and last words differ. Empty above {@link
   * #DIFFERENCES_MAX}.
   */
  private static List<Pair> middle(List<String> from, List<String> to) {
    if (from.isEmpty() || to.isEmpty()) {
      return List.of();
    }
    var differencesMax = Math.min(from.size() + to.size(), DIFFERENCES_MAX);
    var furthest = new int[2 * differencesMax + 3];
    var steps = new ArrayList<int[]>();
    for (var d = 0; d <= differencesMax; d++) {
      steps.add(
          Arrays.copyOfRange(furthest, differencesMax + 1 - d - 1, differencesMax + 1 + d + 2));
      for (var k = -d; k <= d; k += 2) {
        var down =
            k == -d || (k != d && furthest[differencesMax + k] < furthest[differencesMax + k + 2]);
        var x = down ? furthest[differencesMax + k + 2] : furthest[differencesMax + k] + 1;
        while (x < from.size() && x - k < to.size() && from.get(x).equals(to.get(x - k))) {
          x++;
        }
        furthest[differencesMax + 1 + k] = x;
        if (x >= from.size() && x - k >= to.size()) {
          return walkBack(steps, from.size(), to.size());
        }
      }
    }
    return List.of();
  }

  /** Follows the furthest points back to the start. Each diagonal step is a match. */
  private static List<Pair> walkBack(List<int[]> steps, int fromSize, int toSize) {
    var pairs = new ArrayList<Pair>();
    var x = fromSize;
    var y = toSize;
    for (var d = steps.size() - 1; d >= 0; d--) {
      var furthest = steps.get(d);
      var middle = d + 1;
      var k = x - y;
      var down = k == -d || (k != d && furthest[middle + k - 1] < furthest[middle + k + 1]);
      var before = down ? k + 1 : k - 1;
      var beforeX = d == 0 ? 0 : furthest[middle + before];
      var beforeY = d == 0 ? 0 : beforeX - before;
      while (x > beforeX && y > beforeY) {
        x--;
        y--;
        pairs.add(new Pair(x, y));
      }
      x = beforeX;
      y = beforeY;
    }
    return pairs;
  }
}
