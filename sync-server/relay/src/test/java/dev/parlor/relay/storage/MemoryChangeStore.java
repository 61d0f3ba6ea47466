package dev.parlor.relay.storage;

import dev.parlor.crdt.identity.Bytes;
import dev.parlor.crdt.identity.ChangeHash;
import dev.parlor.crdt.identity.DocumentId;
import dev.parlor.crdt.identity.StorageId;
import java.io.IOException;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/**
 * A store in memory, for tests. It commits at once on the calling thread. Tests can delay or fail
 * commits: {@link #holdCommits}, {@link #releaseCommits}, {@link #failCommits}. Safe from any
 * thread; futures complete outside its lock.
 */
public final class MemoryChangeStore implements ChangeStore {

  /** A write that waits for its commit; {@code undo} runs if the commit fails. */
  private record WaitingWrite(Runnable write, Runnable undo, CompletableFuture<Void> future) {}

  private static final class Document {
    private @Nullable Bytes snapshot;
    private List<ChangeRecord> log = new ArrayList<>();
  }

  private final StorageId storageId;
  private final Object lock = new Object();
  private final Map<DocumentId, Document> documents = new HashMap<>();
  private final Map<String, MemoryTable> tables = new HashMap<>();
  private final ArrayDeque<WaitingWrite> waiting = new ArrayDeque<>();
  private boolean holding;
  private boolean closed;
  private @Nullable IOException failure;

  public MemoryChangeStore(StorageId storageId) {
    this.storageId = storageId;
  }

  /** Makes writes wait from now on, as with a very slow disk. */
  public void holdCommits() {
    synchronized (lock) {
      holding = true;
    }
  }

  /** Commits the waiting writes in order, and later writes at once. */
  public void releaseCommits() {
    synchronized (lock) {
      holding = false;
    }
    drain();
  }

  /** Makes every write fail with this cause, also the waiting writes. Null ends the failures. */
  public void failCommits(@Nullable IOException cause) {
    synchronized (lock) {
      failure = cause;
    }
    if (cause != null) {
      releaseCommits();
    }
  }

  /**
   * Simulates a crash. Returns the store that a new process would find: all committed writes and no
   * waiting writes.
   */
  public MemoryChangeStore afterCrash() {
    var next = new MemoryChangeStore(storageId);
    List<WaitingWrite> lost;
    synchronized (lock) {
      closed = true;
      lost = new ArrayList<>(waiting);
      waiting.clear();
      lost.reversed().forEach(write -> write.undo.run());
      documents.forEach(
          (document, stored) -> {
            var copy = new Document();
            copy.snapshot = stored.snapshot;
            copy.log = new ArrayList<>(stored.log);
            next.documents.put(document, copy);
          });
      tables.forEach((name, table) -> next.tables.put(name, next.new MemoryTable(table.entries)));
    }
    lost.forEach(
        write -> write.future.completeExceptionally(new IOException("the process is dead")));
    return next;
  }

  @Override
  public StorageId storageId() {
    return storageId;
  }

  @Override
  public Optional<StoredDocument> load(DocumentId document) throws IOException {
    synchronized (lock) {
      if (closed) {
        throw new IOException("the store is closed");
      }
      var stored = documents.get(document);
      return stored == null
          ? Optional.empty()
          : Optional.of(new StoredDocument(Optional.ofNullable(stored.snapshot), stored.log));
    }
  }

  @Override
  public boolean contains(DocumentId document) {
    synchronized (lock) {
      return documents.containsKey(document);
    }
  }

  @Override
  public Set<DocumentId> documents() {
    synchronized (lock) {
      return Set.copyOf(documents.keySet());
    }
  }

  @Override
  public CompletableFuture<Void> append(DocumentId document, List<ChangeRecord> changes) {
    if (changes.isEmpty()) {
      return CompletableFuture.completedFuture(null);
    }
    var copy = List.copyOf(changes);
    return write(
        () -> documents.computeIfAbsent(document, _ -> new Document()).log.addAll(copy), () -> {});
  }

  @Override
  public CompletableFuture<Void> compact(
      DocumentId document, Bytes snapshot, Set<ChangeHash> covered) {
    var coveredChanges = Set.copyOf(covered);
    return write(
        () -> {
          var stored = documents.computeIfAbsent(document, _ -> new Document());
          stored.snapshot = snapshot;
          stored.log =
              new ArrayList<>(
                  stored.log.stream()
                      .filter(change -> !coveredChanges.contains(change.hash()))
                      .toList());
        },
        () -> {});
  }

  @Override
  public CompletableFuture<Void> remove(DocumentId document) {
    return write(() -> documents.remove(document), () -> {});
  }

  @Override
  public RecordTable table(String name) {
    synchronized (lock) {
      return tables.computeIfAbsent(name, _ -> new MemoryTable(new TreeMap<>()));
    }
  }

  @Override
  public RecordTable tableOf(DocumentId document, String name) {
    return table(name);
  }

  @Override
  public void close() throws IOException {
    releaseCommits();
    synchronized (lock) {
      closed = true;
    }
  }

  private CompletableFuture<Void> write(Runnable write, Runnable undo) {
    var future = enqueue(write, undo);
    drain();
    return future;
  }

  private CompletableFuture<Void> enqueue(Runnable write, Runnable undo) {
    synchronized (lock) {
      if (closed) {
        undo.run();
        return CompletableFuture.failedFuture(new IOException("the store is closed"));
      }
      var future = new CompletableFuture<Void>();
      waiting.add(new WaitingWrite(write, undo, future));
      return future;
    }
  }

  private void drain() {
    while (true) {
      WaitingWrite next;
      IOException cause;
      synchronized (lock) {
        if (holding || waiting.isEmpty()) {
          return;
        }
        next = waiting.remove();
        cause = failure;
        (cause == null ? next.write : next.undo).run();
      }
      if (cause == null) {
        next.future.complete(null);
      } else {
        next.future.completeExceptionally(cause);
      }
    }
  }

  /** A table whose values are visible at once; a failed write is undone. */
  private final class MemoryTable implements RecordTable {
    private final TreeMap<String, Bytes> entries;

    private MemoryTable(SortedMap<String, Bytes> entries) {
      this.entries = new TreeMap<>(entries);
    }

    @Override
    public Optional<Bytes> get(String key) {
      synchronized (lock) {
        return Optional.ofNullable(entries.get(key));
      }
    }

    @Override
    public CompletableFuture<Void> put(String key, Bytes value) {
      CompletableFuture<Void> future;
      synchronized (lock) {
        var before = entries.put(key, value);
        future = enqueue(() -> {}, () -> restore(key, value, before));
      }
      drain();
      return future;
    }

    @Override
    public PutIfAbsent putIfAbsent(String key, Bytes value) {
      CompletableFuture<Void> future;
      Bytes existing;
      synchronized (lock) {
        existing = entries.putIfAbsent(key, value);
        future = enqueue(() -> {}, existing != null ? () -> {} : () -> restore(key, value, null));
      }
      drain();
      return new PutIfAbsent(existing == null, existing == null ? value : existing, future);
    }

    @Override
    public Replaced replace(String key, Optional<Bytes> expected, Bytes value) {
      CompletableFuture<Void> future;
      synchronized (lock) {
        var before = entries.get(key);
        if (!Optional.ofNullable(before).equals(expected)) {
          return new Replaced(false, CompletableFuture.completedFuture(null));
        }
        entries.put(key, value);
        future = enqueue(() -> {}, () -> restore(key, value, before));
      }
      drain();
      return new Replaced(true, future);
    }

    @Override
    public CompletableFuture<Void> remove(String key) {
      CompletableFuture<Void> future;
      synchronized (lock) {
        var before = entries.remove(key);
        future = enqueue(() -> {}, () -> restore(key, null, before));
      }
      drain();
      return future;
    }

    @Override
    public SortedMap<String, Bytes> withPrefix(String prefix) {
      synchronized (lock) {
        return new TreeMap<>(entries.subMap(prefix, prefix + Character.MAX_VALUE));
      }
    }

    /** Undoes a failed write, unless a later write has replaced its value. */
    private void restore(String key, @Nullable Bytes written, @Nullable Bytes before) {
      if (!Objects.equals(entries.get(key), written)) {
        return;
      }
      if (before == null) {
        entries.remove(key);
      } else {
        entries.put(key, before);
      }
    }
  }
}
