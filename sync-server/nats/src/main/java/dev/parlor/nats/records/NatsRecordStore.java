package dev.parlor.nats.records;

import dev.parlor.crdt.identity.Bytes;
import dev.parlor.nats.client.ClusterClient;
import dev.parlor.nats.client.ClusterException;
import dev.parlor.nats.client.ClusterException.Kind;
import dev.parlor.nats.client.ClusterStreams;
import dev.parlor.nats.records.BatchMessage.Large;
import dev.parlor.nats.records.BatchMessage.Removed;
import dev.parlor.nats.records.BatchMessage.Small;
import dev.parlor.nats.records.BatchMessage.State;
import dev.parlor.relay.storage.RecordBatch;
import dev.parlor.relay.storage.RecordStore;
import java.io.IOException;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/**
 * Records that change together, one subject for each record. A batch is an atomic batch of the
 * stream: each of its messages names the sequence that it expects as the last one of its record.
 *
 * <p>This process keeps all records in memory, except values above {@link #SMALL_BYTES_MAX}, which
 * are objects of their own. Every read asks the leader first whether there are newer batches; reads
 * that arrive meanwhile share one question.
 *
 * <p>Batches with the same owner or a common record are stored one after the other, others at the
 * same time. Futures complete on virtual threads. Safe from any thread.
 */
public final class NatsRecordStore implements RecordStore, AutoCloseable {

  /** Bytes of a value; above: it is an object of its own, and not kept in memory. */
  public static final int SMALL_BYTES_MAX = 4 * 1024;

  /** Attempts of a read while its large values are replaced; then it fails. */
  private static final int ATTEMPTS_MAX = 5;

  /** A value that is not committed yet; compared by identity. Null removes the record. */
  private static final class Pending {
    private final @Nullable Bytes value;

    private Pending(@Nullable Bytes value) {
      this.value = value;
    }
  }

  private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
  private final Object lock = new Object();
  private final LargeValues large;
  private final RecordIndex index;
  private final BatchWriter writer;
  private final LargeValueSweep sweep;
  private final TreeMap<String, Pending> pending = new TreeMap<>();

  /** The last submitted batch of each owner and each record. */
  private final Map<String, CompletableFuture<?>> tails = new HashMap<>();

  /** Whether further batches are refused. */
  private boolean closing;

  /** Reads all records; blocks. */
  public NatsRecordStore(ClusterClient client, RandomGenerator random, InstantSource clock)
      throws IOException {
    var names = client.settings().names();
    for (var stream : List.of(names.batches(), names.values())) {
      if (ClusterStreams.info(client, stream).isEmpty()) {
        throw new IOException(
            "the stream " + stream + " is missing; create it with ./parlor cluster init");
      }
    }
    this.large = new LargeValues(client, random);
    this.index = new RecordIndex(client, clock, lock, threads);
    this.writer = new BatchWriter(client, random, clock, large, index, lock, threads);
    index.refresh();
    this.sweep = LargeValueSweep.start(large, index, lock, clock);
  }

  // Reads.

  @Override
  public CompletableFuture<Optional<VersionedValue>> read(RecordKey key) {
    var name = RecordIndex.name(key);
    synchronized (lock) {
      var waiting = pending.get(name);
      if (waiting != null) {
        return CompletableFuture.completedFuture(versioned(waiting.value));
      }
    }
    return index.refreshed().thenCompose(_ -> current(name, 1));
  }

  private CompletableFuture<Optional<VersionedValue>> current(String name, int attempt) {
    State state;
    synchronized (lock) {
      var waiting = pending.get(name);
      if (waiting != null) {
        return CompletableFuture.completedFuture(versioned(waiting.value));
      }
      state = index.cell(name).state();
    }
    return switch (state) {
      case Removed() -> CompletableFuture.completedFuture(Optional.empty());
      case Small(var value) -> CompletableFuture.completedFuture(versioned(value));
      case Large object ->
          onThread(() -> large.read(object))
              .thenCompose(
                  value ->
                      value.isPresent()
                          ? CompletableFuture.completedFuture(
                              Optional.of(
                                  new VersionedValue(value.get(), new Version(object.sha256()))))
                          : again(name, attempt));
    };
  }

  /** The object was deleted, so the record has another value by now. */
  private CompletableFuture<Optional<VersionedValue>> again(String name, int attempt) {
    return attempt == ATTEMPTS_MAX
        ? CompletableFuture.failedFuture(missing())
        : index.refreshed().thenCompose(_ -> current(name, attempt + 1));
  }

  private static IOException missing() {
    return new IOException("the large value of a record is missing in the cluster");
  }

  private static Optional<VersionedValue> versioned(@Nullable Bytes value) {
    return Optional.ofNullable(value)
        .map(some -> new VersionedValue(some, new Version(LargeValues.sha256(some))));
  }

  @Override
  public CompletableFuture<List<Entry>> range(Range range) {
    return range(range, 1);
  }

  private CompletableFuture<List<Entry>> range(Range range, int attempt) {
    return index
        .refreshed()
        .thenCompose(_ -> onThread(() -> entries(range)))
        .thenCompose(
            entries ->
                entries.isPresent()
                    ? CompletableFuture.completedFuture(entries.get())
                    : attempt == ATTEMPTS_MAX
                        ? CompletableFuture.failedFuture(missing())
                        : range(range, attempt + 1));
  }

  /** The records of a range; empty if one of their large values was replaced meanwhile. */
  private Optional<List<Entry>> entries(Range range) throws IOException {
    var prefix = range.table() + '\0';
    var entries = new ArrayList<Entry>();
    for (var found : states(range, prefix).entrySet()) {
      var key = found.getKey().substring(prefix.length());
      switch (found.getValue()) {
        case Small(var value) -> entries.add(new Entry(key, value));
        case Large object -> {
          var value = large.read(object);
          if (value.isEmpty()) {
            return Optional.empty();
          }
          entries.add(new Entry(key, value.get()));
        }
        case Removed() -> {}
      }
    }
    return Optional.of(entries);
  }

  private Map<String, State> states(Range range, String prefix) {
    var from = prefix + range.from();
    var to = prefix + range.to();
    if (from.compareTo(to) >= 0) {
      return Map.of();
    }
    var found = new TreeMap<String, State>();
    synchronized (lock) {
      var waiting = pending.subMap(from, true, to, false);
      var cells = index.cells(from, to);
      for (var cell : (range.descending() ? cells.descendingMap() : cells).entrySet()) {
        // Each pending value replaces or removes at most one of these.
        if (found.size() >= (long) range.limit() + waiting.size()) {
          break;
        }
        if (!(cell.getValue().state() instanceof Removed)) {
          found.put(cell.getKey(), cell.getValue().state());
        }
      }
      waiting.forEach(
          (name, value) -> {
            if (value.value == null) {
              found.remove(name);
            } else {
              found.put(name, new Small(value.value));
            }
          });
    }
    var limited = new java.util.LinkedHashMap<String, State>();
    for (var state : (range.descending() ? found.descendingMap() : found).entrySet()) {
      if (limited.size() == range.limit()) {
        break;
      }
      limited.put(state.getKey(), state.getValue());
    }
    return limited;
  }

  LargeValueSweep sweep() {
    return sweep;
  }

  // For an export.

  /** The names of all tables that have records, as of the last read. */
  public List<String> tables() throws IOException {
    var _ = RecordFutures.await(index.refreshed());
    var tables = new java.util.TreeSet<String>();
    synchronized (lock) {
      index
          .cells()
          .forEach(
              (name, cell) -> {
                if (!(cell.state() instanceof Removed)) {
                  var _ = tables.add(name.substring(0, name.indexOf('\0')));
                }
              });
    }
    return List.copyOf(tables);
  }

  /** The first records of a table from a key on; blocks. */
  public List<Entry> page(String table, String from, int limit) throws IOException {
    return RecordFutures.await(
        range(new Range(table, from, String.valueOf(Character.MAX_VALUE), limit, false)));
  }

  // Batches.

  @Override
  public CompletableFuture<Outcome> commit(RecordBatch batch) {
    if (batch.puts().size() + batch.expected().size() >= AtomicBatch.MESSAGES_MAX) {
      return CompletableFuture.failedFuture(
          new IOException(
              "a batch changes and expects fewer than " + AtomicBatch.MESSAGES_MAX + " records"));
    }
    return submit(batch, true);
  }

  private CompletableFuture<Outcome> submit(RecordBatch batch, boolean mayRefresh) {
    synchronized (lock) {
      if (closing) {
        return CompletableFuture.failedFuture(closedException());
      }
      var wrong = conflict(batch);
      if (wrong.isEmpty()) {
        return enqueue(batch);
      }
      if (!mayRefresh) {
        return CompletableFuture.completedFuture(new Outcome.Conflict(wrong.get()));
      }
    }
    // The index may not have the record as it is.
    return index.refreshed().thenCompose(_ -> submit(batch, false));
  }

  /** The first record that is not as expected; the caller holds the lock. */
  private Optional<RecordKey> conflict(RecordBatch batch) {
    for (var expected : batch.expected().entrySet()) {
      var waiting = pending.get(RecordIndex.name(expected.getKey()));
      var version =
          waiting == null
              ? RecordIndex.version(index.cell(RecordIndex.name(expected.getKey())).state())
              : versioned(waiting.value).map(VersionedValue::version);
      if (!version.equals(expected.getValue())) {
        return Optional.of(expected.getKey());
      }
    }
    return Optional.empty();
  }

  /** The caller holds the lock, so that all batches have one order. */
  private CompletableFuture<Outcome> enqueue(RecordBatch batch) {
    var own = new HashMap<String, Pending>();
    batch
        .puts()
        .forEach((key, value) -> own.put(RecordIndex.name(key), new Pending(value.orElse(null))));
    pending.putAll(own);
    var queues = new HashSet<String>();
    queues.add(batch.owner());
    batch.puts().keySet().forEach(key -> queues.add(RecordIndex.name(key)));
    batch.expected().keySet().forEach(key -> queues.add(RecordIndex.name(key)));
    var before =
        queues.stream()
            .map(tails::get)
            .filter(java.util.Objects::nonNull)
            .toArray(CompletableFuture<?>[]::new);
    var done = new CompletableFuture<Outcome>();
    queues.forEach(queue -> tails.put(queue, done));
    var _ =
        CompletableFuture.allOf(before)
            .handle((_, _) -> true)
            .thenComposeAsync(_ -> RecordFutures.onThisThread(() -> writer.store(batch)), threads)
            .whenComplete(
                (outcome, problem) -> {
                  synchronized (lock) {
                    own.forEach(pending::remove);
                    queues.forEach(queue -> tails.remove(queue, done));
                  }
                  if (problem == null) {
                    done.complete(outcome);
                  } else {
                    done.completeExceptionally(RecordFutures.cause(problem));
                  }
                });
    return done;
  }

  // Helpers.

  private <T> CompletableFuture<T> onThread(RecordFutures.Task<T> task) {
    return RecordFutures.onThread(task, threads);
  }

  private static ClusterException closedException() {
    return new ClusterException(Kind.CLOSED, "the store is closed");
  }

  /** Refuses further batches and waits until the submitted ones are stored or have failed. */
  @Override
  public void close() {
    List<CompletableFuture<?>> last;
    synchronized (lock) {
      closing = true;
      last = List.copyOf(tails.values());
    }
    var _ =
        CompletableFuture.allOf(last.toArray(CompletableFuture<?>[]::new))
            .handle((_, _) -> true)
            .join();
    abandon();
    threads.close();
  }

  /** Refuses further batches and does not wait for the submitted ones. */
  public void abandon() {
    synchronized (lock) {
      closing = true;
    }
    index.close();
    sweep.close();
  }
}
