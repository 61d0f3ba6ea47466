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
 * first. A write leaves the buffer when its commit completes or fails.
 */
final class MapDbTable implements RecordTable {

  /** A write that is not committed yet; compared by identity. */
  private static final class PendingWrite {
    private final @Nullable Bytes value;
    private final CompletableFuture<Void> committed = new CompletableFuture<>();

    private PendingWrite(@Nullable Bytes value) {
      this.value = value;
    }
  }

  private final String name;
  private final StoreReader reader;
  private final CommitLoop commitLoop;
  private final ConcurrentSkipListMap<String, PendingWrite> pending = new ConcurrentSkipListMap<>();

  MapDbTable(String name, StoreReader reader, CommitLoop commitLoop) {
    this.name = name;
    this.reader = reader;
    this.commitLoop = commitLoop;
  }

  @Override
  public Optional<Bytes> get(String key) {
    var pendingWrite = pending.get(key);
    return pendingWrite != null
        ? Optional.ofNullable(pendingWrite.value)
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
      var pendingWrite = pending.get(key);
      if (pendingWrite != null && pendingWrite.value != null) {
        return new PutIfAbsent(false, pendingWrite.value, pendingWrite.committed);
      }
      var stored = pendingWrite != null ? null : reader.record(name, key);
      return stored != null
          ? new PutIfAbsent(false, stored, CompletableFuture.completedFuture(null))
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

  /**
   * Queues a write. The caller holds the lock of {@link #pending}, so that writes are queued in the
   * order in which they become visible.
   */
  private CompletableFuture<Void> write(String key, @Nullable Bytes value) {
    var pendingWrite = new PendingWrite(value);
    pending.put(key, pendingWrite);
    var done = new CompletableFuture<Void>();
    // The buffer drops the write first, so that a reader that learns of the commit reads the stored
    // value.
    var _ =
        done.whenComplete(
            (_, error) -> {
              pending.remove(key, pendingWrite);
              if (error == null) {
                pendingWrite.committed.complete(null);
              } else {
                pendingWrite.committed.completeExceptionally(error);
              }
            });
    commitLoop.submit(new Write.Put(name, key, value, done));
    return pendingWrite.committed;
  }

  @Override
  public SortedMap<String, Bytes> withPrefix(String prefix) {
    // Read the buffer first and the disk second, so that a record that moves between them is seen.
    // Copy entry by entry: a copy of the whole map fails if an entry is removed meanwhile.
    var pendingInRange = new TreeMap<String, PendingWrite>();
    pending.subMap(prefix, prefix + Character.MAX_VALUE).forEach(pendingInRange::put);
    var found = reader.records(name, prefix);
    for (Map.Entry<String, PendingWrite> entry : pendingInRange.entrySet()) {
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
