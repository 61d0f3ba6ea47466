package dev.parlor.relay.documents;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.parlor.relay.documents.Difference.Hunk;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import net.jqwik.api.Example;
import net.jqwik.api.ForAll;
import net.jqwik.api.Label;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.Size;

class DifferenceProperties {

  private static List<Integer> apply(int[] old, int[] wanted, List<Hunk> hunks) {
    var result = new ArrayList<Integer>();
    var at = 0;
    for (var hunk : hunks) {
      assertTrue(hunk.from() >= at && hunk.to() >= hunk.from(), hunk.toString());
      for (; at < hunk.from(); at++) {
        result.add(old[at]);
      }
      at = hunk.to();
      for (var i = hunk.newFrom(); i < hunk.newTo(); i++) {
        result.add(wanted[i]);
      }
    }
    for (; at < old.length; at++) {
      result.add(old[at]);
    }
    return result;
  }

  private static int edits(List<Hunk> hunks) {
    return hunks.stream()
        .mapToInt(hunk -> hunk.to() - hunk.from() + hunk.newTo() - hunk.newFrom())
        .sum();
  }

  /** The number of deletions and insertions by dynamic programming. */
  private static int fewestEdits(int[] old, int[] wanted) {
    var lengths = new int[old.length + 1][wanted.length + 1];
    for (var i = 1; i <= old.length; i++) {
      for (var j = 1; j <= wanted.length; j++) {
        lengths[i][j] =
            old[i - 1] == wanted[j - 1]
                ? lengths[i - 1][j - 1] + 1
                : Math.max(lengths[i - 1][j], lengths[i][j - 1]);
      }
    }
    return old.length + wanted.length - 2 * lengths[old.length][wanted.length];
  }

  @Property
  @Label("the replacements turn the old sequence into the new one with the fewest edits")
  void replacements(
      @ForAll @Size(max = 40) int @IntRange(max = 3) [] old,
      @ForAll @Size(max = 40) int @IntRange(max = 3) [] wanted) {
    var hunks = Difference.between(old, wanted);
    assertEquals(Arrays.stream(wanted).boxed().toList(), apply(old, wanted, hunks));
    assertEquals(fewestEdits(old, wanted), edits(hunks));
  }

  @Example
  @Label("edits at both ends of a long text leave the middle alone")
  void bothEnds() {
    var old = IntStream.range(0, 100_000).toArray();
    var wanted = IntStream.range(0, 100_001).toArray();
    wanted[1] = -1;
    assertEquals(
        List.of(new Hunk(1, 2, 1, 2), new Hunk(100_000, 100_000, 100_000, 100_001)),
        Difference.between(old, wanted));
  }

  @Example
  @Label("sequences that differ too much are replaced between their common ends")
  void allDifferent() {
    var old = IntStream.range(0, 5_000).toArray();
    var wanted = IntStream.range(0, 5_000).map(i -> i == 0 ? 0 : -i).toArray();
    assertEquals(List.of(new Hunk(1, 5_000, 1, 5_000)), Difference.between(old, wanted));
  }
}
