package dev.parlor.nats;

import dev.parlor.crdt.identity.Bytes;
import dev.parlor.nats.AtomicBatch.Part;
import dev.parlor.nats.BatchMessage.Large;
import dev.parlor.nats.BatchMessage.Mark;
import dev.parlor.nats.BatchMessage.Removed;
import dev.parlor.nats.BatchMessage.Small;
import dev.parlor.nats.BatchMessage.State;
import dev.parlor.nats.BatchMessage.Written;
import dev.parlor.nats.ClusterException.Kind;
import dev.parlor.nats.RecordIndex.Cell;
import dev.parlor.relay.storage.RecordBatch;
import dev.parlor.relay.storage.RecordStore;
import java.io.IOException;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
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
final class NatsRecordStore implements RecordStore, AutoCloseable {

  /** Bytes of a value; above: it is an object of its own, and not kept in memory. */
  static final int SMALL_BYTES_MAX = 4 * 1024;

  /** Batches that this process stores at the same time; above: the others wait. */
  private static final int SLOTS = 4;

  /** Bytes of large values that were read last and are kept; above: they are read again. */
  private static final long CACHED_BYTES_MAX = 32L << 20;

  /** Age of an object that no record names; above: the next sweep deletes it. */
  private static final Duration ORPHAN_AGE_MAX = Duration.ofDays(1);

  /** Attempts of a read while its large values are replaced; then it fails. */
  private static final int ATTEMPTS_MAX = 5;

  /** A value that is not committed yet; compared by identity. Null removes the record. */
  private static final class Pending {
    private final @Nullable Bytes value;

    private Pending(@Nullable Bytes value) {
      this.value = value;
    }
  }

  private final ClusterClient client;
  private final ClusterNames names;
  private final RandomGenerator random;
  private final InstantSource clock;
  private final LargeValues large;
  private final LargeValueCache cache = new LargeValueCache(CACHED_BYTES_MAX);
  private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
  private final BlockingQueue<BatchSlot> slots = new ArrayBlockingQueue<>(SLOTS);
  private final Thread sweeper;
  private final Object lock = new Object();
  private final RecordIndex index;
  private final TreeMap<String, Pending> pending = new TreeMap<>();

  /** The last submitted batch of each owner and each record. */
  private final Map<String, CompletableFuture<?>> tails = new HashMap<>();

  private @Nullable CompletableFuture<Void> nextRefresh;
  private boolean refreshing;

  /** Whether further batches are refused. */
  private boolean closing;

  /** Whether reads are refused too. */
  private boolean closed;

  /** Reads all records; blocks. */
  NatsRecordStore(ClusterClient client, RandomGenerator random, InstantSource clock)
      throws IOException {
    this.client = client;
    this.names = client.settings().names();
    this.random = random;
    this.clock = clock;
    this.large = new LargeValues(client, random);
    this.index = new RecordIndex(client, clock, lock);
    for (var stream : List.of(names.batches(), names.values())) {
      if (ClusterStreams.info(client, stream).isEmpty()) {
        throw new IOException(
            "the stream " + stream + " is missing; create it with ./parlor cluster init");
      }
    }
    var process = number().toHex();
    for (var i = 0; i < SLOTS; i++) {
      slots.add(new BatchSlot(client, random, process + "-" + i));
    }
    index.refresh();
    this.sweeper = Thread.ofVirtual().name("sweep of large values").start(this::sweepDaily);
  }

  // Reads.

  /** Completes when the index has every batch that was committed before this call. */
  private CompletableFuture<Void> refreshed() {
    synchronized (lock) {
      if (closed) {
        return CompletableFuture.failedFuture(closedException());
      }
      var next = nextRefresh;
      if (next == null) {
        next = new CompletableFuture<>();
        nextRefresh = next;
        if (!refreshing) {
          refreshing = true;
          threads.execute(this::refresh);
        }
      }
      return next;
    }
  }

  private void refresh() {
    while (true) {
      CompletableFuture<Void> current;
      synchronized (lock) {
        current = nextRefresh;
        nextRefresh = null;
        refreshing = current != null;
      }
      if (current == null) {
        return;
      }
      try {
        index.refresh();
        current.complete(null);
      } catch (IOException | RuntimeException e) {
        current.completeExceptionally(e instanceof IOException ? e : new IOException(e));
      }
    }
  }

  @Override
  public CompletableFuture<Optional<VersionedValue>> read(RecordKey key) {
    var name = name(key);
    synchronized (lock) {
      var waiting = pending.get(name);
      if (waiting != null) {
        return CompletableFuture.completedFuture(versioned(waiting.value));
      }
    }
    return refreshed().thenCompose(_ -> current(name, 1));
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
          onThread(() -> contentOf(object))
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
        : refreshed().thenCompose(_ -> current(name, attempt + 1));
  }

  private static IOException missing() {
    return new IOException("the large value of a record is missing in the cluster");
  }

  private Optional<Bytes> contentOf(Large object) throws IOException {
    var cached = cache.get(object.object());
    if (cached.isPresent()) {
      return cached;
    }
    var read = large.read(object);
    read.ifPresent(value -> cache.put(object.object(), value));
    return read;
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
    return refreshed()
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
          var value = contentOf(object);
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

  // For an export.

  /** The names of all tables that have records, as of the last read. */
  List<String> tables() throws IOException {
    var _ = await(refreshed());
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
  List<Entry> page(String table, String from, int limit) throws IOException {
    return await(
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
      var wrong = conflict(batch, true);
      if (wrong.isEmpty()) {
        return enqueue(batch);
      }
      if (!mayRefresh) {
        return CompletableFuture.completedFuture(new Outcome.Conflict(wrong.get()));
      }
    }
    // The index may not have the record as it is.
    return refreshed().thenCompose(_ -> submit(batch, false));
  }

  /** The first record that is not as expected; the caller holds the lock. */
  private Optional<RecordKey> conflict(RecordBatch batch, boolean withPending) {
    for (var expected : batch.expected().entrySet()) {
      var name = name(expected.getKey());
      var waiting = withPending ? pending.get(name) : null;
      var version =
          waiting == null
              ? version(index.cell(name).state())
              : versioned(waiting.value).map(VersionedValue::version);
      if (!version.equals(expected.getValue())) {
        return Optional.of(expected.getKey());
      }
    }
    return Optional.empty();
  }

  private static Optional<Version> version(State state) {
    return switch (state) {
      case Removed() -> Optional.empty();
      case Small(var value) -> Optional.of(new Version(LargeValues.sha256(value)));
      case Large object -> Optional.of(new Version(object.sha256()));
    };
  }

  /** The caller holds the lock, so that all batches have one order. */
  private CompletableFuture<Outcome> enqueue(RecordBatch batch) {
    var own = new HashMap<String, Pending>();
    batch.puts().forEach((key, value) -> own.put(name(key), new Pending(value.orElse(null))));
    pending.putAll(own);
    var queues = new HashSet<String>();
    queues.add(batch.owner());
    batch.puts().keySet().forEach(key -> queues.add(name(key)));
    batch.expected().keySet().forEach(key -> queues.add(name(key)));
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
            .thenComposeAsync(_ -> onThisThread(() -> store(batch)), threads)
            .whenComplete(
                (outcome, problem) -> {
                  synchronized (lock) {
                    own.forEach(pending::remove);
                    queues.forEach(queue -> tails.remove(queue, done));
                  }
                  if (problem == null) {
                    done.complete(outcome);
                  } else {
                    done.completeExceptionally(cause(problem));
                  }
                });
    return done;
  }

  private Outcome store(RecordBatch batch) throws IOException {
    BatchSlot slot;
    try {
      slot = slots.take();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw closedException();
    }
    var objects = new HashMap<RecordKey, State>();
    try {
      return store(batch, slot, objects);
    } catch (ClusterException e) {
      if (e.kind() == Kind.CONFLICT || e.kind() == Kind.REFUSED) {
        discard(objects); // Certainly no record names them, now or later.
      }
      throw e;
    } finally {
      slots.add(slot);
    }
  }

  private Outcome store(RecordBatch batch, BatchSlot slot, Map<RecordKey, State> objects)
      throws IOException {
    var limits = client.settings().limits();
    var giveUp = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(limits.appendMillis());
    var isFresh = false;
    while (true) {
      var cells = new HashMap<String, Cell>();
      Optional<RecordKey> conflict;
      synchronized (lock) {
        conflict = conflict(batch, false);
        batch.expected().keySet().forEach(key -> cells.put(name(key), index.cell(name(key))));
        batch.puts().keySet().forEach(key -> cells.put(name(key), index.cell(name(key))));
      }
      if (conflict.isPresent() && isFresh) {
        discard(objects);
        return new Outcome.Conflict(conflict.get());
      }
      if (conflict.isEmpty()) {
        try {
          storeOnce(batch, slot, objects, cells);
          return new Outcome.Committed();
        } catch (ClusterException e) {
          if (e.kind() != Kind.CONFLICT || System.nanoTime() - giveUp >= 0) {
            throw e;
          }
          forgetDeleted(cells);
          // Another batch with these records may be on its way.
          LockSupport.parkNanos(random(TimeUnit.MILLISECONDS.toNanos(10)));
        }
      }
      var _ = await(refreshed());
      isFresh = true;
    }
  }

  private void storeOnce(
      RecordBatch batch, BatchSlot slot, Map<RecordKey, State> objects, Map<String, Cell> cells)
      throws IOException {
    var millis = clock.millis();
    var written = new ArrayList<Written>();
    for (var put : batch.puts().entrySet()) {
      written.add(new Written(name(put.getKey()), state(put, objects, millis)));
    }
    var guarded =
        batch.expected().keySet().stream().filter(key -> !batch.puts().containsKey(key)).toList();
    var number = number();
    var count = written.size() + guarded.size() + 1;
    var parts = new ArrayList<Part>();
    for (var record : written) {
      var message = new BatchMessage(number, parts.size(), count, millis, record);
      parts.add(
          new Part(
              names.batchRecord(record.name()),
              message.encode(),
              sequence(cells, record.name()),
              null,
              record.state() instanceof Removed
                  ? RecordIndex.REMOVED_SECONDS
                  : ClusterClient.FOR_EVER));
    }
    for (var key : guarded) {
      var message = new BatchMessage(number, parts.size(), count, millis, new Mark());
      parts.add(
          new Part(
              slot.guard(),
              message.encode(),
              sequence(cells, name(key)),
              names.batchRecord(name(key)),
              RecordIndex.REMOVED_SECONDS));
    }
    var end = slot.store(parts, new BatchMessage(number, count - 1, count, millis, new Mark()));
    synchronized (lock) {
      index.applied(written, end - count + 1);
    }
    for (var record : written) {
      if (cells.getOrDefault(record.name(), new Cell(0, new Removed())).state()
          instanceof Large replaced) {
        threads.execute(() -> large.delete(replaced.object()));
      }
    }
  }

  private static long sequence(Map<String, Cell> cells, String name) {
    var cell = cells.get(name);
    return cell == null ? 0 : cell.sequence();
  }

  /** The state that a put writes; a large value is written once for all attempts. */
  private State state(
      Map.Entry<RecordKey, Optional<Bytes>> put, Map<RecordKey, State> objects, long millis)
      throws IOException {
    var value = put.getValue();
    if (value.isEmpty()) {
      return new Removed();
    }
    if (value.get().length() <= SMALL_BYTES_MAX) {
      return new Small(value.get());
    }
    var known = objects.get(put.getKey());
    if (known == null) {
      known = large.write(value.get(), millis);
      objects.put(put.getKey(), known);
    }
    return known;
  }

  private void discard(Map<RecordKey, State> objects) {
    for (var state : objects.values()) {
      if (state instanceof Large object) {
        large.delete(object.object());
      }
    }
  }

  /** The cluster deletes the messages of removed records after some days. */
  private void forgetDeleted(Map<String, Cell> cells) throws IOException {
    for (var cell : cells.entrySet()) {
      if (cell.getValue().state() instanceof Removed
          && cell.getValue().sequence() > 0
          && client.last(names.batches(), names.batchRecord(cell.getKey())).isEmpty()) {
        synchronized (lock) {
          index.forget(cell.getKey(), cell.getValue().sequence());
        }
      }
    }
  }

  // Objects that no record names.

  private void sweepDaily() {
    try {
      while (!Thread.currentThread().isInterrupted()) {
        try {
          var _ = sweep();
        } catch (IOException e) {
          org.slf4j.LoggerFactory.getLogger(NatsRecordStore.class)
              .debug("large values without a record were not looked for", e);
        }
        Thread.sleep(ORPHAN_AGE_MAX);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt(); // closed
    }
  }

  /**
   * Deletes the large values that a crash left without a record; blocks.
   *
   * @return how many there were
   */
  int sweep() throws IOException {
    var before = clock.millis() - ORPHAN_AGE_MAX.toMillis();
    var old =
        large.names().stream().filter(object -> LargeValues.millis(object) < before).toList();
    if (old.isEmpty()) {
      return 0;
    }
    var _ = await(refreshed());
    var named = new HashSet<String>();
    synchronized (lock) {
      for (var cell : index.cells().values()) {
        if (cell.state() instanceof Large object) {
          named.add(object.object());
        }
      }
    }
    var orphans = old.stream().filter(object -> !named.contains(object)).toList();
    orphans.forEach(large::delete);
    return orphans.size();
  }

  // Helpers.

  private interface Task<T> {
    T run() throws IOException;
  }

  private <T> CompletableFuture<T> onThread(Task<T> task) {
    return CompletableFuture.completedFuture(true)
        .thenComposeAsync(_ -> onThisThread(task), threads);
  }

  private static <T> CompletableFuture<T> onThisThread(Task<T> task) {
    try {
      return CompletableFuture.completedFuture(task.run());
    } catch (IOException e) {
      return CompletableFuture.failedFuture(e);
    } catch (RuntimeException e) {
      return CompletableFuture.failedFuture(new IOException(e));
    }
  }

  private static <T> T await(CompletableFuture<T> future) throws IOException {
    try {
      return future.join();
    } catch (CompletionException e) {
      throw cause(e) instanceof IOException problem ? problem : new IOException(e);
    }
  }

  private static Throwable cause(Throwable problem) {
    var cause = problem.getCause();
    return problem instanceof CompletionException && cause != null ? cause : problem;
  }

  private static ClusterException closedException() {
    return new ClusterException(Kind.CLOSED, "the store is closed");
  }

  private static String name(RecordKey key) {
    return RecordOperation.name(key.table(), key.key());
  }

  private Bytes number() {
    var number = new byte[BatchMessage.BATCH_BYTES];
    synchronized (random) {
      random.nextBytes(number);
    }
    return Bytes.wrap(number);
  }

  private long random(long bound) {
    synchronized (random) {
      return random.nextLong(bound);
    }
  }

  /** Refuses further batches and waits until the submitted ones are stored or have failed. */
  @Override
  public void close() {
    List<CompletableFuture<?>> last;
    synchronized (lock) {
      closing = true;
      last = List.copyOf(tails.values());
    }
    var _ = CompletableFuture.allOf(last.toArray(CompletableFuture<?>[]::new)).handle((_, _) -> true).join();
    abandon();
    threads.close();
  }

  /** Refuses further batches and does not wait for the submitted ones. */
  void abandon() {
    synchronized (lock) {
      closing = true;
      closed = true;
    }
    sweeper.interrupt();
  }
}
