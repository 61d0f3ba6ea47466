package dev.parlor.relay.storage;

import dev.parlor.crdt.identity.Bytes;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentSkipListMap;
import org.jspecify.annotations.Nullable;

/**
 * A table in the store's file, with a buffer of uncommitted writes in front. Reads see the buffer
 * first. A write leaves it when its commit completes or fails.
 */
final class MapDbTable implements RecordTable {

  /** A write that is not committed yet; compared by identity. */
  private static final class Pending {
    private final @Nullable Bytes value;
    private final CompletableFuture<Void> committed = new CompletableFuture<>();

    private Pending(@Nullable Bytes value) {
      this.value = value;
    }
  }

  private final String name;
  private final StoreReader reader;
  private final CommitLoop commits;
  private final ConcurrentSkipListMap<String, Pending> pending = new ConcurrentSkipListMap<>();

  MapDbTable(String name, StoreReader reader, CommitLoop commits) {
    this.name = name;
    this.reader = reader;
    this.commits = commits;
  }

  @Override
  public Optional<Bytes> get(String key) {
    var waiting = pending.get(key);
    return waiting != null
        ? Optional.ofNullable(waiting.value)
        : Optional.ofNullable(reader.record(name, key));
  }

  @Override
  public CompletableFuture<Void> put(String key, Bytes value) {
    synchronized (pending) {
      return write(key, value);
    }
  }

  @Override
  public PutIfAbsent putIfAbsent(String key, Bytes value) {
    synchronized (pending) {
      var waiting = pending.get(key);
      if (waiting != null && waiting.value != null) {
        return new PutIfAbsent(false, waiting.value, waiting.committed);
      }
      var there = waiting != null ? null : reader.record(name, key);
      return there != null
          ? new PutIfAbsent(false, there, CompletableFuture.completedFuture(null))
          : new PutIfAbsent(true, value, write(key, value));
    }
  }

  @Override
  public Replaced replace(String key, Optional<Bytes> expected, Bytes value) {
    synchronized (pending) {
      return get(key).equals(expected)
          ? new Replaced(true, write(key, value))
          : new Replaced(false, CompletableFuture.completedFuture(null));
    }
  }

  @Override
  public CompletableFuture<Void> remove(String key) {
    synchronized (pending) {
      return write(key, null);
    }
  }

  /** Synchronized, so that writes are queued in the order in which they became visible. */
  private CompletableFuture<Void> write(String key, @Nullable Bytes value) {
    var mine = new Pending(value);
    pending.put(key, mine);
    var done = new CompletableFuture<Void>();
    // The buffer drops the write first, so that a reader that learns of the commit reads the stored
    // value.
    var _ =
        done.whenComplete(
            (_, error) -> {
              pending.remove(key, mine);
              if (error == null) {
                mine.committed.complete(null);
              } else {
                mine.committed.completeExceptionally(error);
              }
            });
    commits.submit(new Write.Put(name, key, value, done));
    return mine.committed;
  }

  @Override
  public SortedMap<String, Bytes> withPrefix(String prefix) {
    // Read the buffer first and the disk second, so that a record that moves between them is seen.
    // Copy entry by entry: copying the map as a whole fails if an entry leaves it meanwhile.
    var under = new TreeMap<String, Pending>();
    pending.subMap(prefix, prefix + Character.MAX_VALUE).forEach(under::put);
    var found = reader.records(name, prefix);
    for (Map.Entry<String, Pending> entry : under.entrySet()) {
      var value = entry.getValue().value;
      if (value == null) {
        found.remove(entry.getKey());
      } else {
        found.put(entry.getKey(), value);
      }
    }
    return found;
  }
}
