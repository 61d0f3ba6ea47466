package dev.parlor.relay.storage;

import dev.parlor.crdt.identity.Bytes;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentSkipListMap;
import org.jspecify.annotations.Nullable;

/**
 * Records in the store's file, with a buffer of uncommitted batches in front. Reads see the buffer
 * first. A batch leaves it when its commit completes or fails.
 *
 * <p>A batch is checked twice. At its submission it is compared with the buffer, so that a conflict
 * is found without the disk. In its commit it is compared with the file, because an earlier batch
 * that it builds on may have failed.
 */
final class MapDbRecordStore implements RecordStore {

  /** A value that is not committed yet; compared by identity. Null removes the record. */
  private static final class Pending {
    private final String key;
    private final @Nullable Bytes value;

    private Pending(String key, @Nullable Bytes value) {
      this.key = key;
      this.value = value;
    }
  }

  private final StoreReader reader;
  private final CommitLoop commits;
  private final ConcurrentSkipListMap<String, Pending> pending = new ConcurrentSkipListMap<>();
  private final Object submission = new Object();

  MapDbRecordStore(StoreReader reader, CommitLoop commits) {
    this.reader = reader;
    this.commits = commits;
  }

  @Override
  public CompletableFuture<Optional<VersionedValue>> read(RecordKey key) {
    try {
      return CompletableFuture.completedFuture(
          Optional.ofNullable(find(key))
              .map(value -> new VersionedValue(value, new Version(value))));
    } catch (UncheckedIOException e) {
      return CompletableFuture.failedFuture(e.getCause());
    }
  }

  private @Nullable Bytes find(RecordKey key) {
    var waiting = pending.get(name(key.table(), key.key()));
    return waiting != null ? waiting.value : reader.record(key.table(), key.key());
  }

  @Override
  public CompletableFuture<List<Entry>> range(Range range) {
    // Read the buffer first and the disk second, so that a record that moves between them is seen.
    var waiting = new TreeMap<String, Pending>();
    pending
        .subMap(name(range.table(), range.from()), name(range.table(), range.to()))
        .forEach((_, value) -> waiting.put(value.key, value));
    try {
      // Each buffered value replaces or removes at most one record of the disk.
      var found = reader.records(range, range.limit() + waiting.size());
      waiting.forEach(
          (key, value) -> {
            if (value.value == null) {
              found.remove(key);
            } else {
              found.put(key, value.value);
            }
          });
      var entries = new ArrayList<Entry>();
      for (var entry : (range.descending() ? found.descendingMap() : found).entrySet()) {
        if (entries.size() == range.limit()) {
          break;
        }
        entries.add(new Entry(entry.getKey(), entry.getValue()));
      }
      return CompletableFuture.completedFuture(entries);
    } catch (UncheckedIOException e) {
      return CompletableFuture.failedFuture(e.getCause());
    }
  }

  @Override
  public CompletableFuture<Outcome> commit(RecordBatch batch) {
    try {
      synchronized (submission) {
        for (var expected : batch.expected().entrySet()) {
          var key = expected.getKey();
          if (!Optional.ofNullable(find(key)).equals(expected.getValue().map(Version::mark))) {
            return CompletableFuture.completedFuture(new Outcome.Conflict(key));
          }
        }
        return submit(batch);
      }
    } catch (UncheckedIOException e) {
      return CompletableFuture.failedFuture(e.getCause());
    }
  }

  /** Buffers and queues the batch; the caller holds the lock, so that both have the same order. */
  private CompletableFuture<Outcome> submit(RecordBatch batch) {
    var buffered = new LinkedHashMap<String, Pending>();
    batch
        .puts()
        .forEach(
            (key, value) ->
                buffered.put(
                    name(key.table(), key.key()), new Pending(key.key(), value.orElse(null))));
    pending.putAll(buffered);
    var write = new Write.Batch(batch, new CompletableFuture<>());
    // The buffer drops the values first, so that a reader that learns of the commit reads the
    // stored values.
    var outcome =
        write
            .done()
            .whenComplete((_, _) -> buffered.forEach(this::forget))
            .thenApply(_ -> write.outcome());
    commits.submit(write);
    return outcome;
  }

  /** Drops a value from the buffer, unless a later batch has replaced it. */
  private void forget(String name, Pending value) {
    pending.remove(name, value);
  }

  private static String name(String table, String key) {
    return table + '\0' + key;
  }
}
