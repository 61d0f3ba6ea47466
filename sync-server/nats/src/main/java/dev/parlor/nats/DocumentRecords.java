package dev.parlor.nats;

import dev.parlor.crdt.identity.Bytes;
import dev.parlor.crdt.identity.DocumentId;
import dev.parlor.relay.storage.RecordTable;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayDeque;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;

/**
 * The tables that belong to documents. Their records are in the documents' logs. This class keeps
 * the records of the documents that were used last, together with the operations that are on their
 * way. The first access to a document reads its log and blocks; later ones do not.
 *
 * <p>Records that another node writes appear when the document is loaded again. Safe from any
 * thread.
 */
final class DocumentRecords {

  /**
   * Documents whose records are kept in memory. Above this number, the records of the document that
   * was used least recently are dropped, and read again when they are needed.
   */
  private static final int DOCUMENTS_MAX = 4_096;

  private static final class Cache {
    private SortedMap<String, Bytes> committed = new TreeMap<>();
    private long sequence;
    private final ArrayDeque<RecordOperation> pending = new ArrayDeque<>();

    /** The records with the pending operations. */
    private SortedMap<String, Bytes> current(String from, String to) {
      var records = new TreeMap<>(committed.subMap(from, to));
      for (var operation : pending) {
        if (operation.record().compareTo(from) >= 0 && operation.record().compareTo(to) < 0) {
          operation.apply(records);
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
  private final Object lock = new Object();
  private final LinkedHashMap<DocumentId, Cache> caches = new LinkedHashMap<>(16, 0.75f, true);

  DocumentRecords(DocumentReader reader, DocumentWrites writes) {
    this.reader = reader;
    this.writes = writes;
  }

  RecordTable table(DocumentId document, String name) {
    return new Table(document, name);
  }

  /** The document was read. */
  void loaded(DocumentId document, DocumentContent content) {
    synchronized (lock) {
      var cache = caches.computeIfAbsent(document, _ -> new Cache());
      if (content.last() >= cache.sequence) {
        cache.committed = new TreeMap<>(content.records());
        cache.sequence = content.last();
      }
      forgetOldest();
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
      return writes.add(
          document,
          List.of(operation),
          List.of(),
          new DocumentWrites.Outcome() {
            @Override
            public void committed(long sequence) {
              synchronized (lock) {
                var cache = cache();
                cache.pending.removeFirstOccurrence(operation);
                // A reading may have seen the entry before this.
                if (sequence >= cache.sequence) {
                  operation.apply(cache.committed);
                  cache.sequence = sequence;
                }
              }
            }

            @Override
            public void failed() {
              synchronized (lock) {
                cache().pending.removeFirstOccurrence(operation);
              }
            }
          });
    }

    @Override
    public Optional<Bytes> get(String key) {
      ensureRead(document);
      synchronized (lock) {
        return cache().current(RecordOperation.name(name, key));
      }
    }

    @Override
    public CompletableFuture<Void> put(String key, Bytes value) {
      ensureRead(document);
      synchronized (lock) {
        return write(new RecordOperation.Put(RecordOperation.name(name, key), value));
      }
    }

    @Override
    public PutIfAbsent putIfAbsent(String key, Bytes value) {
      ensureRead(document);
      var record = RecordOperation.name(name, key);
      synchronized (lock) {
        var existing = cache().current(record);
        return existing.isPresent()
            ? new PutIfAbsent(
                false,
                existing.get(),
                writes.add(document, List.of(), List.of(), DocumentWrites.Outcome.NONE))
            : new PutIfAbsent(
                true, value, write(new RecordOperation.Replace(record, Optional.empty(), value)));
      }
    }

    @Override
    public Replaced replace(String key, Optional<Bytes> expected, Bytes value) {
      ensureRead(document);
      var record = RecordOperation.name(name, key);
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
        return write(new RecordOperation.Remove(RecordOperation.name(name, key)));
      }
    }

    @Override
    public SortedMap<String, Bytes> withPrefix(String prefix) {
      ensureRead(document);
      var from = RecordOperation.name(name, prefix);
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
