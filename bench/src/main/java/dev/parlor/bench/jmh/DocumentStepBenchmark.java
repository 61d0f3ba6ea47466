package dev.parlor.bench.jmh;

import dev.parlor.bench.load.Trace;
import dev.parlor.crdt.format.ChangeChunk;
import dev.parlor.crdt.format.ChangeCodec;
import dev.parlor.crdt.format.FormatLimits;
import dev.parlor.crdt.graph.ChangeGraph;
import dev.parlor.crdt.identity.Bytes;
import dev.parlor.crdt.identity.ChangeHash;
import dev.parlor.crdt.sync.BloomFilter;
import dev.parlor.crdt.sync.PeerSync;
import dev.parlor.crdt.sync.SyncEncoder;
import dev.parlor.crdt.sync.SyncMessage;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OperationsPerInvocation;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;
import org.openjdk.jmh.infra.Blackhole;

/**
 * Processes one edit of a document without I/O: decodes the chunk, offers it to the graph, makes
 * the messages for the writer and ten readers, and handles their acknowledgements. The figure is
 * per edit and must not depend on {@code history}.
 */
@State(Scope.Thread)
@BenchmarkMode(Mode.SingleShotTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@Fork(1)
@Warmup(iterations = 20)
@Measurement(iterations = 20)
public class DocumentStepBenchmark {

  private static final int EDITS = 500;
  private static final int READERS = 10;

  @Param({"200", "20000", "100000"})
  int history;

  private Trace trace = new Trace(List.of(), List.of());
  private List<ChangeChunk> earlierChanges = List.of();
  private ChangeGraph graph = new ChangeGraph();
  private final List<PeerSync> readers = new ArrayList<>();
  private PeerSync writer = new PeerSync(graph);
  private SyncEncoder encoder = new SyncEncoder(graph);

  @Setup
  public void makeTrace() {
    trace = Trace.typing(history + EDITS, 1);
    earlierChanges =
        trace.chunks().subList(0, history).stream().map(DocumentStepBenchmark::decode).toList();
  }

  @Setup(Level.Iteration)
  public void fillGraph() {
    graph = new ChangeGraph();
    earlierChanges.forEach(graph::offer);
    encoder = new SyncEncoder(graph);
    writer = new PeerSync(graph);
    readers.clear();
    var startHeads = List.of(trace.hashes().get(history - 1));
    writer.received(at(startHeads));
    writer.next(encoder, List.of());
    for (var i = 0; i < READERS; i++) {
      var reader = new PeerSync(graph);
      reader.received(at(startHeads));
      reader.next(encoder, List.of());
      readers.add(reader);
    }
  }

  @Benchmark
  @OperationsPerInvocation(EDITS)
  public void edit(Blackhole sink) {
    for (var i = history; i < history + EDITS; i++) {
      graph.offer(decode(trace.chunks().get(i)));
      var heads = List.of(trace.hashes().get(i));
      writer.received(at(heads));
      sink.consume(writer.next(encoder, List.of()));
      for (var reader : readers) {
        sink.consume(reader.next(encoder, List.of()));
      }
      var acknowledgement = at(heads);
      for (var reader : readers) {
        reader.received(acknowledgement);
        sink.consume(reader.next(encoder, List.of()));
      }
    }
  }

  private static ChangeChunk decode(Bytes chunk) {
    return ChangeCodec.decode(chunk, FormatLimits.DEFAULT).orElseThrow();
  }

  private static SyncMessage at(List<ChangeHash> heads) {
    return new SyncMessage(
        SyncMessage.Kind.CHANGES,
        heads,
        List.of(),
        List.of(new SyncMessage.Have(heads, BloomFilter.EMPTY)),
        List.of(),
        null);
  }
}
