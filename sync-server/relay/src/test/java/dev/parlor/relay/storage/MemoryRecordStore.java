package dev.parlor.relay.storage;

import dev.parlor.crdt.identity.Bytes;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.NavigableMap;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;

/** A record store in memory. Each batch is committed at once. Safe from any thread. */
public final class MemoryRecordStore implements RecordStore {
  private final TreeMap<String, TreeMap<String, Bytes>> tables = new TreeMap<>();
  private boolean refuses;

  /** From now on every commit fails, as on a full disk, or succeeds again. */
  public synchronized void refuseCommits(boolean now) {
    refuses = now;
  }

  @Override
  public synchronized CompletableFuture<Optional<VersionedValue>> read(RecordKey key) {
    return CompletableFuture.completedFuture(find(key));
  }

  @Override
  public synchronized CompletableFuture<List<Entry>> range(Range range) {
    NavigableMap<String, Bytes> records =
        table(range.table()).subMap(range.from(), true, range.to(), false);
    if (range.descending()) {
      records = records.descendingMap();
    }
    var entries = new ArrayList<Entry>();
    records.forEach(
        (key, value) -> {
          if (entries.size() < range.limit()) {
            entries.add(new Entry(key, value));
          }
        });
    return CompletableFuture.completedFuture(entries);
  }

  @Override
  public synchronized CompletableFuture<Outcome> commit(RecordBatch batch) {
    if (refuses) {
      return CompletableFuture.failedFuture(new IOException("No space left on device"));
    }
    for (var expected : batch.expected().entrySet()) {
      if (!find(expected.getKey()).map(VersionedValue::version).equals(expected.getValue())) {
        return CompletableFuture.completedFuture(new Outcome.Conflict(expected.getKey()));
      }
    }
    batch
        .puts()
        .forEach(
            (key, value) -> {
              if (value.isPresent()) {
                table(key.table()).put(key.key(), value.get());
              } else {
                table(key.table()).remove(key.key());
              }
            });
    return CompletableFuture.completedFuture(new Outcome.Committed());
  }

  private Optional<VersionedValue> find(RecordKey key) {
    return Optional.ofNullable(table(key.table()).get(key.key()))
        .map(value -> new VersionedValue(value, new Version(value)));
  }

  private NavigableMap<String, Bytes> table(String name) {
    return tables.computeIfAbsent(name, _ -> new TreeMap<>());
  }
}
