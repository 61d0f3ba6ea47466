package dev.parlor.crdt.document;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.parlor.crdt.format.ChangeChunk;
import dev.parlor.crdt.format.ChangeCodec;
import dev.parlor.crdt.format.FormatLimits;
import dev.parlor.crdt.identity.Bytes;
import dev.parlor.crdt.identity.ChangeHash;
import dev.parlor.crdt.replica.Snapshots;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import net.jqwik.api.EdgeCasesMode;
import net.jqwik.api.ForAll;
import net.jqwik.api.Label;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.statistics.Statistics;

/** Document chunks that plain Java builds, compared with those of Automerge's bindings. */
class DocumentBuilderProperties {

  @Property(tries = 300, edgeCases = EdgeCasesMode.NONE)
  @Label(
      "a chunk built from changes has the columns that the bindings write after the same changes in the same order")
  void fromChanges(
      @ForAll long seed,
      @ForAll @IntRange(min = 1, max = 4) int actors,
      @ForAll @IntRange(min = 0, max = 60) int changes) {
    try (var document = new RandomDocument(seed, actors, changes)) {
      var ordered = inAnyCausalOrder(document.changes(), new Random(seed));
      assertSame(
          Snapshots.build(Optional.empty(), ordered),
          DocumentBuilder.build(Optional.empty(), ordered).orElseThrow());
    }
  }

  @Property(tries = 300, edgeCases = EdgeCasesMode.NONE)
  @Label(
      "a chunk built from an older chunk of the bindings or of plain Java and later changes has the columns that the bindings write")
  void fromSnapshotAndChanges(
      @ForAll long seed,
      @ForAll @IntRange(min = 1, max = 4) int actors,
      @ForAll @IntRange(min = 1, max = 60) int changes,
      @ForAll boolean isNative) {
    try (var document = new RandomDocument(seed, actors, changes)) {
      var random = new Random(seed);
      var ordered = inAnyCausalOrder(document.changes(), random);
      var covered = random.nextInt(ordered.size() + 1);
      var older = ordered.subList(0, covered);
      var snapshot =
          isNative
              ? Snapshots.build(Optional.empty(), older)
              : DocumentBuilder.build(Optional.empty(), older).orElseThrow();
      // Some changes of the snapshot come again.
      var tail = ordered.subList(random.nextInt(covered + 1), ordered.size());
      assertSame(
          Snapshots.build(Optional.of(snapshot), tail),
          DocumentBuilder.build(Optional.of(snapshot), tail).orElseThrow());
    }
  }

  private static void assertSame(Bytes expected, Bytes built) {
    var inflated = InflatedChunk.of(expected);
    assertEquals(inflated, InflatedChunk.of(built));
    if (inflated.isPlain()) {
      assertEquals(expected, built);
    }
    Statistics.collect(inflated.isPlain() ? "byte for byte" : "byte for byte when inflated");
  }

  /** The changes in a random order in which each comes after its dependencies. */
  private static List<Bytes> inAnyCausalOrder(List<Bytes> changes, Random random) {
    var waiting = new ArrayList<ChangeChunk>();
    for (var change : changes) {
      waiting.add(ChangeCodec.decode(change, FormatLimits.DEFAULT).orElseThrow());
    }
    var done = new HashSet<ChangeHash>();
    var ordered = new ArrayList<Bytes>();
    while (!waiting.isEmpty()) {
      var ready = waiting.stream().filter(change -> done.containsAll(change.deps())).toList();
      var next = ready.get(random.nextInt(ready.size()));
      waiting.remove(next);
      done.add(next.hash());
      ordered.add(next.plain());
    }
    return ordered;
  }
}
