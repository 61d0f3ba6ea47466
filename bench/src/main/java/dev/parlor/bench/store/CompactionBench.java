package dev.parlor.bench.store;

import dev.parlor.crdt.document.DocumentBuilder;
import dev.parlor.crdt.document.DocumentCodec;
import dev.parlor.crdt.document.DocumentLimits;
import dev.parlor.crdt.format.ChangeChunk;
import dev.parlor.crdt.graph.ChangeGraph;
import dev.parlor.crdt.graph.Offer;
import dev.parlor.crdt.identity.Bytes;
import dev.parlor.crdt.operations.CheckedGraph;
import dev.parlor.crdt.operations.OperationLimits;
import dev.parlor.crdt.replica.Snapshots;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Measures one document in this process, without a server: the heap of its graph, and the time to
 * build its document chunk and to read it. Prints one line for each figure.
 */
public final class CompactionBench {

  private static final String HELP =
      """
      Usage: ./parlor bench compaction [--file=DOCUMENT.automerge | --changes=100000 --letters=1 [--random]] [--rounds=3] [--native]

        --file     a document chunk; otherwise a text that one author types
        --changes  changes of the text
        --letters  letters that each change inserts
        --random   inserts after random letters, not at the end
        --rounds   the best time of this many rounds is printed
        --native   measures Automerge's bindings too
        --save     writes the chunk to this file
      """;

  private static final int TAIL_DIVISOR = 100;

  private final int rounds;

  private CompactionBench(int rounds) {
    this.rounds = rounds;
  }

  /** Exit code 2 for unknown options. */
  public static void main(String[] arguments) throws IOException {
    @Nullable Path file = null;
    @Nullable Path save = null;
    var changes = 100_000;
    var letters = 1;
    var rounds = 3;
    var atEnd = true;
    var isNative = false;
    for (var argument : arguments) {
      var value = argument.substring(argument.indexOf('=') + 1);
      switch (argument.substring(0, argument.length() - value.length())) {
        case "--file=" -> file = Path.of(value);
        case "--save=" -> save = Path.of(value);
        case "--changes=" -> changes = Integer.parseInt(value);
        case "--letters=" -> letters = Integer.parseInt(value);
        case "--rounds=" -> rounds = Integer.parseInt(value);
        default -> {
          switch (argument) {
            case "--random" -> atEnd = false;
            case "--native" -> isNative = true;
            case "--help" -> {
              System.out.print(HELP);
              return;
            }
            default -> {
              System.err.println("CompactionBench: unknown option " + argument);
              System.exit(2);
            }
          }
        }
      }
    }
    var bench = new CompactionBench(rounds);
    var graph = file == null ? typed(changes, letters, atEnd) : read(file);
    var chunk = bench.measure(graph, isNative);
    if (save != null) {
      Files.write(save, chunk.toArray());
    }
  }

  private static CheckedGraph read(Path file) throws IOException {
    var checked = new CheckedGraph(OperationLimits.DEFAULT);
    DocumentCodec.decode(Bytes.wrap(Files.readAllBytes(file)), DocumentLimits.STORED)
        .orElseThrow()
        .changes()
        .forEach(change -> offer(checked, change));
    return checked;
  }

  private static CheckedGraph typed(int changes, int letters, boolean atEnd) {
    var checked = new CheckedGraph(OperationLimits.DEFAULT);
    TypedText.make(changes, letters, atEnd, change -> offer(checked, change));
    return checked;
  }

  private static void offer(CheckedGraph checked, ChangeChunk change) {
    if (!(checked.offer(change, null) instanceof Offer.Added)) {
      throw new IllegalStateException("admission refuses a change");
    }
  }

  private Bytes measure(CheckedGraph checked, boolean isNative) {
    var heap = usedHeap();
    var graph = checked.graph();
    var operations = checked.index().operations();
    print("changes", "%,d", graph.size());
    print("operations", "%,d", operations);
    print("heap of the open document", "%,d KiB", heap >> 10);
    print("  for each change", "%,d bytes", heap / graph.size());
    print("  for each operation", "%.1f bytes", heap / (double) operations);
    var all = chunks(graph, 0);
    var chunk =
        timed(
            "build in Java from changes",
            () -> DocumentBuilder.build(Optional.empty(), all).orElseThrow());
    print("chunk", "%,d bytes", chunk.length());
    var tail = all.subList(all.size() - all.size() / TAIL_DIVISOR, all.size());
    var older =
        DocumentBuilder.build(Optional.empty(), all.subList(0, all.size() - tail.size()))
            .orElseThrow();
    var _ =
        timed(
            "build in Java from a chunk and 1% of the changes",
            () -> DocumentBuilder.build(Optional.of(older), tail).orElseThrow());
    if (isNative) {
      var before = residentKib();
      var expected =
          timed("build by the bindings from changes", () -> Snapshots.build(Optional.empty(), all));
      print("  growth of the resident memory", "%,d KiB", residentKib() - before);
      var _ =
          timed(
              "build by the bindings from a chunk and 1% of the changes",
              () -> Snapshots.build(Optional.of(older), tail));
      print("  chunk of the bindings", "%,d bytes", expected.length());
      print(
          "  equal when inflated",
          "%b",
          DocumentCodec.open(chunk, DocumentLimits.STORED)
              .orElseThrow()
              .isSameInflated(DocumentCodec.open(expected, DocumentLimits.STORED).orElseThrow()));
    }
    var contents =
        timed(
            "read the chunk in Java",
            () -> DocumentCodec.decode(chunk, DocumentLimits.STORED).orElseThrow());
    var _ =
        timed(
            "admit its changes",
            () -> {
              var read = new CheckedGraph(OperationLimits.DEFAULT);
              contents.changes().forEach(change -> offer(read, change));
              return read;
            });
    return chunk;
  }

  private static List<Bytes> chunks(ChangeGraph graph, int from) {
    var chunks = new ArrayList<Bytes>(graph.size() - from);
    for (var position = from; position < graph.size(); position++) {
      chunks.add(graph.chunkAt(position));
    }
    return chunks;
  }

  private <T> T timed(String name, Supplier<T> body) {
    var threads = ManagementFactory.getThreadMXBean();
    var best = Long.MAX_VALUE;
    var cpu = Long.MAX_VALUE;
    T result;
    var round = 0;
    do {
      var started = System.nanoTime();
      var cpuStarted = threads.getCurrentThreadCpuTime();
      result = body.get();
      best = Math.min(best, System.nanoTime() - started);
      cpu = Math.min(cpu, threads.getCurrentThreadCpuTime() - cpuStarted);
    } while (++round < rounds);
    print(name, "%,d ms", best / 1_000_000);
    print("  CPU time of the thread", "%,d ms", cpu / 1_000_000);
    return result;
  }

  private static void print(String name, String format, Object value) {
    System.out.printf(Locale.ROOT, "%-60s " + format + "%n", name, value);
  }

  private static long usedHeap() {
    System.gc();
    var runtime = Runtime.getRuntime();
    return runtime.totalMemory() - runtime.freeMemory();
  }

  private static long residentKib() {
    try {
      return Files.readAllLines(Path.of("/proc/self/status")).stream()
          .filter(line -> line.startsWith("VmRSS:"))
          .mapToLong(line -> Long.parseLong(line.replaceAll("\\D", "")))
          .sum();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
