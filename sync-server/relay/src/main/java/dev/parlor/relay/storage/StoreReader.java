package dev.parlor.relay.storage;

import dev.parlor.crdt.identity.Bytes;
import dev.parlor.crdt.identity.DocumentId;
import dev.parlor.relay.storage.ChangeStore.ChangeRecord;
import dev.parlor.relay.storage.ChangeStore.StoredDocument;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.locks.Lock;
import java.util.concurrent.locks.ReentrantReadWriteLock;
import org.jspecify.annotations.Nullable;
import org.mapdb.DBException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Reads committed documents and records on the caller's thread, while the commit thread may write.
 * A document that fails a checksum is quarantined. Safe from any thread.
 */
final class StoreReader {

  private static final Logger LOG = LoggerFactory.getLogger(StoreReader.class);

  private final Database database;
  private final DocumentIndex index;
  private final ReentrantReadWriteLock lock = new ReentrantReadWriteLock();
  private final Set<DocumentId> quarantined = ConcurrentHashMap.newKeySet();
  private final Set<DocumentId> damagedInLog = ConcurrentHashMap.newKeySet();
  private boolean closed;

  StoreReader(Database database, DocumentIndex index) {
    this.database = database;
    this.index = index;
  }

  /** The lock that excludes reads, for a rollback or a removal. */
  Lock exclusionLock() {
    return lock.writeLock();
  }

  /** Quarantines documents whose entries in the change log are damaged. */
  void quarantine(Set<DocumentId> documents) {
    damagedInLog.addAll(documents);
    quarantined.addAll(documents);
  }

  Set<DocumentId> quarantined() {
    return Set.copyOf(quarantined);
  }

  Optional<StoredDocument> load(DocumentId document) throws IOException {
    try {
      return read(
          () -> {
            var entry = index.get(document);
            return entry == null ? Optional.empty() : Optional.of(load(document, entry));
          });
    } catch (CorruptDocumentException e) {
      if (quarantined.add(document)) {
        LOG.error("a document is damaged on disk and will not be opened", e);
      }
      throw e;
    }
  }

  /**
   * Reads a document: first its log, then its snapshot. If a compaction removes records meanwhile,
   * its snapshot covers them.
   */
  private StoredDocument load(DocumentId document, DocumentIndex.Entry entry) throws IOException {
    var damage = entry.damage();
    if (damage != null) {
      throw new CorruptDocumentException(document, damage);
    }
    if (damagedInLog.contains(document)) {
      throw new CorruptDocumentException(
          document, "a part of the change log that holds it fails its checksum");
    }
    var view = entry.view();
    var tail = new ArrayList<ChangeRecord>();
    for (var record : log(document, entry, view)) {
      tail.addAll(record.getValue());
    }
    tail.addAll(view.logged());
    try {
      return new StoredDocument(database.snapshot(entry.number()), tail);
    } catch (Database.DamagedException e) {
      throw new CorruptDocumentException(document, String.valueOf(e.getMessage()));
    } catch (RuntimeException | AssertionError e) {
      throw readFailure(document, "its snapshot cannot be read", e);
    }
  }

  /** The records of the document's log that the trees hold, by their keys. */
  List<Map.Entry<Long, List<ChangeRecord>>> log(DocumentId document, DocumentIndex.Entry entry)
      throws IOException {
    return read(() -> log(document, entry, entry.view()));
  }

  private List<Map.Entry<Long, List<ChangeRecord>>> log(
      DocumentId document, DocumentIndex.Entry entry, DocumentIndex.View view) throws IOException {
    try {
      var records = new ArrayList<Map.Entry<Long, List<ChangeRecord>>>();
      for (var record : database.log(entry.number(), view.end())) {
        if (record.changes() == null) {
          throw new CorruptDocumentException(
              document,
              "record " + LogRecord.sequence(record.key()) + " of its log fails its checksum");
        }
        records.add(Map.entry(record.key(), record.changes()));
      }
      return records;
    } catch (RuntimeException | AssertionError e) {
      throw readFailure(document, "its log cannot be read", e);
    }
  }

  private static IOException readFailure(DocumentId document, String what, Throwable cause) {
    return cause instanceof DBException.VolumeIOError && cause.getCause() instanceof IOException io
        ? io
        : new CorruptDocumentException(document, what + " (" + cause + ")");
  }

  @Nullable Bytes record(String table, String key) {
    try {
      return read(() -> Optional.ofNullable(database.record(table, key))).orElse(null);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /**
   * The records of a table whose keys begin with the prefix; damaged records are left out and
   * logged.
   */
  SortedMap<String, Bytes> records(String table, String prefix) {
    try {
      return read(() -> database.records(table, prefix, StoreReader::logDamage));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** As {@link #records(String, String)}, for at most {@code limit} records of a range. */
  NavigableMap<String, Bytes> records(RecordStore.Range range, int limit) {
    try {
      return read(() -> database.records(range, limit, StoreReader::logDamage));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static void logDamage(String table, String key) {
    LOG.error("record {} of table {} is damaged on disk and left out", key, table);
  }

  /**
   * Closes the files as soon as no read runs. Later reads fail; later calls of this method do
   * nothing.
   */
  void close(FileCloser files) throws IOException {
    lock.writeLock().lock();
    try {
      if (!closed) {
        closed = true;
        files.close();
      }
    } finally {
      lock.writeLock().unlock();
    }
  }

  /** Closes the files. */
  interface FileCloser {
    void close() throws IOException;
  }

  /** An operation that reads from the database. */
  private interface DatabaseRead<T> {
    T read() throws IOException;
  }

  /** Runs a read while no rollback or close can happen. */
  private <T> T read(DatabaseRead<T> operation) throws IOException {
    lock.readLock().lock();
    try {
      if (closed) {
        throw new IOException("the store is closed");
      }
      return operation.read();
    } finally {
      lock.readLock().unlock();
    }
  }
}
