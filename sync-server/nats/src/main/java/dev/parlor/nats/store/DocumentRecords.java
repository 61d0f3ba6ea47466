package dev.parlor.nats.store;

import dev.parlor.crdt.identity.Bytes;
import dev.parlor.crdt.identity.DocumentId;
import dev.parlor.nats.client.ClusterException;
import dev.parlor.nats.client.ClusterException.Kind;
import dev.parlor.nats.records.RecordName;
import dev.parlor.relay.storage.RecordTable;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayDeque;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.RejectedExecutionException;

/**
 * The tables that belong to documents. Their records are in the documents' logs. This class keeps
 * the records of the documents that were used last, together with the operations that are on their
 * way. The first access to a document reads its log and blocks; later ones do not.
 *
 * <p>The order of the log decides about operations of several nodes. After each own entry with
 * operations, and when {@link #refresh} is called, the entries that other nodes wrote before are
 * read and applied. An own {@code putIfAbsent} or {@code replace} whose condition did not hold at
 * its place in the log fails with a conflict. Safe from any thread.
 */
final class DocumentRecords implements AutoCloseable {

  /**
   * Documents whose records are kept in memory. Above this number, the records of the document that
   * was used least recently are dropped, and read again when they are needed.
   */
  private static final int DOCUMENTS_MAX = 32_768;

  /** Readings of a log that other readings overtake; then: the reading fails. */
  private static final int ATTEMPTS_MAX = 20;

  private static final class Cache {
    private RecordState committed = new RecordState();

    /** All entries up to this one were applied, and no later one. */
    private long sequence;

    private final ArrayDeque<RecordOperation> pending = new ArrayDeque<>();

    /** The records with the pending operations. */
    private SortedMap<String, Bytes> current(String from, String to) {
      var records = new TreeMap<>(committed.records().subMap(from, to));
      for (var operation : pending) {
        if (operation.record().compareTo(from) >= 0 && operation.record().compareTo(to) < 0) {
          var _ = operation.apply(records);
        }
      }
      return records;
    }

    private Optional<Bytes> current(String record) {
      return Optional.ofNullable(current(record, record + '\0').get(record));
    }
  }

  private final DocumentReader reader;
  private final DocumentWrites writes;

  /** Names this process in the entries that it writes. */
  private final long writer;

  private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
  private final Object lock = new Object();
  private final LinkedHashMap<DocumentId, Cache> caches = new LinkedHashMap<>(16, 0.75f, true);

  DocumentRecords(DocumentReader reader, DocumentWrites writes, long writer) {
    this.reader = reader;
    this.writes = writes;
    this.writer = writer;
  }

  RecordTable table(DocumentId document, String name) {
    return new Table(document, name);
  }

  /** The document was read. */
  void loaded(DocumentId document, DocumentContent content) {
    synchronized (lock) {
      update(caches.computeIfAbsent(document, _ -> new Cache()), content);
      forgetOldest();
    }
  }

  /** The document was read, but not because somebody uses it. */
  void passed(DocumentId document, DocumentContent content) {
    synchronized (lock) {
      var cache = caches.get(document);
      if (cache != null) {
        update(cache, content);
      }
    }
  }

  private static void update(Cache cache, DocumentContent content) {
    if (content.foldableTo() >= cache.sequence) {
      cache.committed = content.state().copy();
      cache.sequence = content.foldableTo();
    }
  }

  private void forgetOldest() {
    var oldest = caches.entrySet().iterator();
    while (caches.size() > DOCUMENTS_MAX && oldest.hasNext()) {
      if (oldest.next().getValue().pending.isEmpty()) {
        oldest.remove();
      }
    }
  }

  private void ensureRead(DocumentId document) {
    synchronized (lock) {
      if (caches.get(document) != null) {
        return;
      }
    }
    try {
      loaded(document, reader.read(document));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  // What other nodes write.

  /** Reads what other nodes wrote; see {@code ChangeStore.refresh}. */
  CompletableFuture<Void> refresh(DocumentId document) {
    var done = new CompletableFuture<Void>();
    try {
      threads.execute(
          () -> {
            try {
              refreshNow(document);
              done.complete(null);
            } catch (IOException e) {
              done.completeExceptionally(e);
            } catch (RuntimeException e) {
              done.completeExceptionally(new IOException(e));
            }
          });
    } catch (RejectedExecutionException e) {
      done.completeExceptionally(new ClusterException(Kind.CLOSED, "the store is closed", e));
    }
    return done;
  }

  private void refreshNow(DocumentId document) throws IOException {
    var from = applied(document);
    if (from.isEmpty()) {
      return; // the first access reads it
    }
    var last = reader.last(document);
    if (last.isPresent()) {
      if (last.get().sequence() > from.getAsLong()) {
        advance(document, last.get().sequence());
      }
    } else if (reader.pointer(document).pointer().sequence() > from.getAsLong()) {
      loaded(document, reader.read(document));
    }
  }

  /** The sequence up to which entries were applied; empty if the records are not in memory. */
  private OptionalLong applied(DocumentId document) {
    synchronized (lock) {
      var cache = caches.get(document);
      return cache == null ? OptionalLong.empty() : OptionalLong.of(cache.sequence);
    }
  }

  /** Applies all complete entries up to a sequence, or more. */
  private void advance(DocumentId document, long sequence) throws IOException {
    for (var attempt = 0; attempt < ATTEMPTS_MAX; attempt++) {
      var from = applied(document);
      if (from.isEmpty() || from.getAsLong() >= sequence) {
        return;
      }
      var tail = reader.tail(document, from.getAsLong());
      if (tail.isEmpty()) {
        loaded(document, reader.read(document));
        return;
      }
      if (apply(document, from.getAsLong(), tail.get())) {
        return;
      }
    }
    throw new ClusterException(
        Kind.UNANSWERED, "document " + document + " changed during each reading of its records");
  }

  /** Returns whether the entries could be applied. */
  private boolean apply(DocumentId document, long from, DocumentReader.Tail tail) {
    synchronized (lock) {
      var cache = caches.get(document);
      if (cache == null || cache.sequence < from) {
        return cache == null; // other readings came first
      }
      for (var read : tail.entries()) {
        if (read.sequence() > cache.sequence) {
          cache.committed.apply(read.entry());
        }
      }
      cache.sequence = Math.max(cache.sequence, tail.end());
      return true;
    }
  }

  // What this node writes.

  /**
   * An own entry was stored: applies it and all entries before it. Blocks.
   *
   * @return the operations that had no effect, because another node was faster
   * @throws ClusterException of the kind {@code UNKNOWN} if the log does not show that any more
   */
  Set<RecordOperation> stored(
      DocumentId document, long count, List<RecordOperation> operations, long sequence)
      throws IOException {
    advance(document, sequence);
    if (operations.stream().noneMatch(RecordOperation.Replace.class::isInstance)) {
      return Set.of(); // only these have a condition
    }
    synchronized (lock) {
      var cache = caches.get(document);
      if (cache == null) {
        throw new ClusterException(
            Kind.UNKNOWN, "document " + document + ": its records are not in memory");
      }
      var withoutEffect = cache.committed.outcome(writer, count);
      if (withoutEffect.isEmpty()) {
        throw new ClusterException(
            Kind.UNKNOWN,
            "document " + document + ": other nodes removed the outcome of a write; try again");
      }
      Set<RecordOperation> conflicts = Collections.newSetFromMap(new IdentityHashMap<>());
      for (var i = 0; i < operations.size(); i++) {
        if (withoutEffect.get().get(i)) {
          conflicts.add(operations.get(i));
        }
      }
      return conflicts;
    }
  }

  @Override
  public void close() {
    threads.shutdown();
  }

  private final class Table implements RecordTable {
    private final DocumentId document;
    private final String name;

    private Table(DocumentId document, String name) {
      this.document = document;
      this.name = name;
    }

    /** The document's cache; the caller holds the lock. */
    private Cache cache() {
      var cache = caches.get(document);
      if (cache == null) {
        throw new UncheckedIOException(
            new IOException("too many documents are used at once; try again"));
      }
      return cache;
    }

    private CompletableFuture<Void> write(RecordOperation operation) {
      cache().pending.add(operation);
      return writes.add(document, List.of(operation), List.of(), () -> forget(operation));
    }

    private void forget(RecordOperation operation) {
      synchronized (lock) {
        var cache = caches.get(document);
        if (cache != null) {
          cache.pending.removeFirstOccurrence(operation);
        }
      }
    }

    @Override
    public Optional<Bytes> get(String key) {
      ensureRead(document);
      synchronized (lock) {
        return cache().current(RecordName.of(name, key));
      }
    }

    @Override
    public CompletableFuture<Void> put(String key, Bytes value) {
      ensureRead(document);
      synchronized (lock) {
        return write(new RecordOperation.Put(RecordName.of(name, key), value));
      }
    }

    @Override
    public PutIfAbsent putIfAbsent(String key, Bytes value) {
      ensureRead(document);
      var record = RecordName.of(name, key);
      synchronized (lock) {
        var existing = cache().current(record);
        return existing.isPresent()
            ? new PutIfAbsent(
                false,
                existing.get(),
                writes.add(document, List.of(), List.of(), DocumentWrites.NOTHING))
            : new PutIfAbsent(
                true, value, write(new RecordOperation.Replace(record, Optional.empty(), value)));
      }
    }

    @Override
    public Replaced replace(String key, Optional<Bytes> expected, Bytes value) {
      ensureRead(document);
      var record = RecordName.of(name, key);
      synchronized (lock) {
        return cache().current(record).equals(expected)
            ? new Replaced(true, write(new RecordOperation.Replace(record, expected, value)))
            : new Replaced(false, CompletableFuture.completedFuture(null));
      }
    }

    @Override
    public CompletableFuture<Void> remove(String key) {
      ensureRead(document);
      synchronized (lock) {
        return write(new RecordOperation.Remove(RecordName.of(name, key)));
      }
    }

    @Override
    public SortedMap<String, Bytes> withPrefix(String prefix) {
      ensureRead(document);
      var from = RecordName.of(name, prefix);
      var found = new TreeMap<String, Bytes>();
      synchronized (lock) {
        for (Map.Entry<String, Bytes> entry :
            cache().current(from, from + Character.MAX_VALUE).entrySet()) {
          found.put(entry.getKey().substring(name.length() + 1), entry.getValue());
        }
      }
      return found;
    }
  }
}
