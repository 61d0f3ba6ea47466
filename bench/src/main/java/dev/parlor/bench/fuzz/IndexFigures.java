package dev.parlor.bench.fuzz;

import dev.parlor.bench.load.Trace;
import dev.parlor.crdt.format.ChangeChunk;
import dev.parlor.crdt.graph.Offer;
import dev.parlor.crdt.identity.Bytes;
import dev.parlor.crdt.operations.CheckedGraph;
import dev.parlor.crdt.operations.OperationLimits;
import dev.parlor.crdt.replica.Edit;
import dev.parlor.crdt.replica.Path;
import dev.parlor.crdt.replica.Replica;
import dev.parlor.crdt.replica.Value;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

/**
 * Measures the cost of the operation index: the command behind {@code ./parlor fuzz figures}. The
 * time is the difference between offering changes to a graph with and without the index: the best
 * of the rounds.
 */
public final class IndexFigures {

  private static final int ROUNDS = 15;

  private IndexFigures() {}

  public static void main(String[] arguments) throws IOException {
    print("typing, 20,000 changes", Trace.typing(20_000, 1).chunks());
    print("a room, 2,000 changes", Histories.room(2_000).stream().map(ChangeChunk::plain).toList());
    print("200,000 characters pasted, then deleted at once", pasteAndDelete(200_000));
  }

  private static List<Bytes> pasteAndDelete(int length) {
    var text = Path.of("text");
    var chunks = new ArrayList<Bytes>();
    try (var replica = Replica.create(Histories.actor(9))) {
      chunks.add(
          replica
              .transact(List.of(new Edit.Put(text, Value.text("ab".repeat(length / 2)))))
              .orElseThrow());
      chunks.add(replica.transact(List.of(new Edit.SpliceText(text, 0, length, ""))).orElseThrow());
    }
    return chunks;
  }

  private static void print(String name, List<Bytes> chunks) {
    var changes = chunks.stream().map(Histories::decode).toList();
    var checkedNanos = Long.MAX_VALUE;
    var plainNanos = Long.MAX_VALUE;
    var operations = 0L;
    var runs = 0;
    var heap = 0L;
    for (var round = 0; round < ROUNDS; round++) {
      var plain = new CheckedGraph(OperationLimits.DEFAULT).graph();
      var started = System.nanoTime();
      changes.forEach(plain::offer);
      plainNanos = Math.min(plainNanos, System.nanoTime() - started);
      var checked = new CheckedGraph(OperationLimits.DEFAULT);
      started = System.nanoTime();
      for (var change : changes) {
        if (!(checked.offer(change, null) instanceof Offer.Added)) {
          throw new IllegalStateException(name + ": a valid change is refused");
        }
      }
      checkedNanos = Math.min(checkedNanos, System.nanoTime() - started);
      operations = checked.index().operations();
      runs = checked.index().runs();
      heap = checked.index().heapBytes();
    }
    var nanos = Math.max(0, checkedNanos - plainNanos);
    System.out.printf(
        "%s: %,d operations in %,d changes, %,d runs; %,d bytes of index, %.1f per operation, %.1f"
            + " per change; %.2f µs per change, %.0f ns per operation%n",
        name,
        operations,
        changes.size(),
        runs,
        heap,
        heap / (double) operations,
        heap / (double) changes.size(),
        nanos / 1_000.0 / changes.size(),
        nanos / (double) operations);
  }
}
