package dev.parlor.bench.store;

import dev.parlor.crdt.identity.DocumentId;
import dev.parlor.relay.config.Limits;
import dev.parlor.relay.config.RelayConfig.Shards;
import dev.parlor.relay.health.Metrics;
import dev.parlor.relay.storage.ChangeStore;
import dev.parlor.relay.storage.StoreOnDisk;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.OptionalInt;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.ExecutionException;

/**
 * Commit throughput: durable changes per second, for one document and for many, and the CPU time of
 * the commit threads per change. Bounded by its options; prints one line per row.
 */
public final class CommitBench {

  private static final String HELP =
      """
      Usage: CommitBench [--rows=paced,await,flood] [--documents=1,64] [--seconds=5] [--warm=3] [--bytes=150] [--rate=10]
                         [--shards=1] [--dir=DIRECTORY]

        paced   one document, one change every 1/rate seconds: the cost of a commit on an otherwise idle store
                (the warm-up has no pauses, as on a busy server)
        await   every document has one writer that waits for each commit
        flood   every document keeps 256 changes waiting
        --documents  numbers of documents, a row for each (paced has one)
        --seconds    duration of the measurement of each row
        --warm       seconds of warm-up before it
        --bytes      size of one change
        --rate       changes per second of "paced"
        --shards     shards of the store
        --dir        makes a new directory in this directory and removes it at the end; default: the system's
                     directory for temporary files
      Columns: changes on disk per second; time from append to commit, p50 and p99; CPU time of the commit
      threads per change (Linux only).
      """;

  /** The options of a call. */
  private record Options(
      List<String> rows,
      List<Integer> documents,
      Duration measured,
      Duration warm,
      int bytes,
      double rate,
      int shards,
      Path directory) {}

  private CommitBench() {}

  /** Exit code 2 for unknown options, 1 if the store failed. */
  public static void main(String[] arguments) throws IOException, InterruptedException {
    if (List.of(arguments).contains("--help")) {
      System.out.print(HELP);
      return;
    }
    Options options;
    try {
      options = parse(arguments);
    } catch (IllegalArgumentException e) {
      System.err.println("CommitBench: " + e.getMessage() + "; --help lists the options");
      System.exit(2);
      return;
    }
    System.out.printf(
        "%-6s %9s %12s %9s %9s %14s%n",
        "row", "documents", "changes/s", "p50 ms", "p99 ms", "commit CPU µs");
    try {
      for (var row : options.rows) {
        for (int documents : row.equals("paced") ? List.of(1) : options.documents) {
          print(row, documents, run(options, row, documents));
        }
      }
    } catch (ExecutionException e) {
      System.err.println("CommitBench: the store failed: " + e.getCause());
      System.exit(1);
    }
  }

  private static void print(String row, int documents, CommitRun.Figures figures) {
    System.out.printf(
        "%-6s %9d %12.0f %9.3f %9.3f %14s%n",
        row,
        documents,
        figures.changesPerSecond(),
        figures.medianMillis(),
        figures.p99Millis(),
        figures.cpuMicros().isPresent()
            ? "%.1f".formatted(figures.cpuMicros().getAsDouble())
            : "-");
  }

  private static CommitRun.Figures run(Options options, String row, int documents)
      throws IOException, InterruptedException, ExecutionException {
    var directory = Files.createTempDirectory(options.directory, "parlor-commit-bench");
    try (ChangeStore store =
        StoreOnDisk.open(
            directory,
            new Shards(OptionalInt.of(options.shards), Set.of()),
            Limits.defaults().storage(),
            new Metrics(),
            UUID::randomUUID)) {
      var run = new CommitRun(store, ids(documents), options.bytes, options.warm, options.measured);
      return switch (row) {
        case "paced" -> run.paced(options.rate);
        case "await" -> run.saturated(1);
        default -> run.saturated(256);
      };
    } finally {
      remove(directory);
    }
  }

  private static List<DocumentId> ids(int documents) {
    var ids = new ArrayList<DocumentId>();
    for (var i = 0; i < documents; i++) {
      ids.add(DocumentId.of(CommitRun.bytes(i, 16)));
    }
    return ids;
  }

  private static Options parse(String[] arguments) {
    var rows = List.of("paced", "await", "flood");
    var documents = List.of(1, 64);
    var seconds = 5.0;
    var warm = 3.0;
    var bytes = 150;
    var rate = 10.0;
    var shards = 1;
    var directory = Path.of(System.getProperty("java.io.tmpdir"));
    for (var argument : arguments) {
      var equals = argument.indexOf('=');
      var value = argument.substring(equals + 1);
      switch (equals < 0 ? argument : argument.substring(0, equals)) {
        case "--rows" -> rows = rows(value);
        case "--documents" -> documents = counts(value);
        case "--seconds" -> seconds = within(value, 0.1, 600);
        case "--warm" -> warm = within(value, 0, 600);
        case "--bytes" -> bytes = (int) within(value, 1, 1 << 20);
        case "--rate" -> rate = within(value, 0.01, 1_000);
        case "--shards" -> shards = (int) within(value, 1, 64);
        case "--dir" -> directory = Path.of(value);
        default -> throw new IllegalArgumentException("unknown option " + argument);
      }
    }
    return new Options(
        rows, documents, duration(seconds), duration(warm), bytes, rate, shards, directory);
  }

  private static List<String> rows(String value) {
    var rows = List.of(value.split(",", -1));
    if (!List.of("paced", "await", "flood").containsAll(rows)) {
      throw new IllegalArgumentException("rows are paced, await and flood, not " + value);
    }
    return rows;
  }

  private static List<Integer> counts(String value) {
    var counts = new ArrayList<Integer>();
    for (var count : value.split(",", -1)) {
      counts.add((int) within(count, 1, 10_000));
    }
    return counts;
  }

  private static double within(String value, double min, double max) {
    var number = Double.parseDouble(value);
    if (!(number >= min && number <= max)) {
      throw new IllegalArgumentException(value + " is not between " + min + " and " + max);
    }
    return number;
  }

  private static Duration duration(double seconds) {
    return Duration.ofNanos((long) (seconds * 1e9));
  }

  private static void remove(Path directory) throws IOException {
    try (var files = Files.walk(directory)) {
      for (var file : files.sorted(Comparator.reverseOrder()).toList()) {
        Files.delete(file);
      }
    }
  }
}
