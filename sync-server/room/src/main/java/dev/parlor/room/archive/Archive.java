package dev.parlor.room.archive;

import dev.parlor.crdt.identity.Bytes;
import dev.parlor.crdt.identity.ChangeHash;
import dev.parlor.crdt.identity.DocumentId;
import dev.parlor.crdt.identity.StorageId;
import dev.parlor.relay.storage.ChangeStore;
import dev.parlor.relay.storage.CorruptDocumentException;
import dev.parlor.relay.storage.RecordTable;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;
import java.util.function.Predicate;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A store that can move documents into archive files. {@link #archive} moves a document into a
 * file, and {@link #load} moves it back into the store before it returns. A caller that loads a
 * document before it appends to it, as a room does, needs to know nothing of the archive. Safe from
 * any thread; loading and archiving block on the disk.
 *
 * <h2>Why nothing is lost</h2>
 *
 * Archiving has two steps: the file becomes durable, then the store removes the document. Restoring
 * has two steps: the document becomes durable in the store, then the file is deleted. So at every
 * moment the complete document is in the file, in the store, or in both. If a crash left it in
 * both, loading adds the changes that only the file has to the store. Archiving and loading hold
 * the document's lock. A document in use is not archived, so no change is appended between reading
 * the store and the removal.
 */
public final class Archive implements ChangeStore {

  private static final Logger log = LoggerFactory.getLogger(Archive.class);
  private static final int LOCK_COUNT = 64;

  /** Decodes the chunks of a document. */
  public interface Chunks {
    /** The changes of a snapshot. */
    List<Bytes> expand(DocumentId document, Bytes snapshot);

    /** The hash of a change. */
    ChangeHash hash(Bytes change);
  }

  /** Size and time of an archived document. */
  public record Entry(DocumentId document, long bytes, long archivedAt) {}

  /** The outcome of archiving a document. */
  public enum Outcome {
    ARCHIVED,
    /** The store has no such document: it is archived already, or does not exist. */
    NOT_STORED,
    /** The document is in use, so it stays in the store. */
    IN_USE
  }

  private final ChangeStore store;
  private final ArchiveFiles files;
  private final Chunks chunks;
  private final ReentrantLock[] locks = new ReentrantLock[LOCK_COUNT];
  private volatile Predicate<DocumentId> inUse = _ -> true;
  private volatile Consumer<DocumentId> loadListener = _ -> {};

  /**
   * Adds an archive to a store.
   *
   * @param directory the directory of the archive files; created with the first file
   */
  public static Archive open(ChangeStore store, Path directory, Chunks chunks) throws IOException {
    return new Archive(store, new ArchiveFiles(directory), chunks);
  }

  Archive(ChangeStore store, ArchiveFiles files, Chunks chunks) {
    this.store = store;
    this.files = files;
    this.chunks = chunks;
    for (var i = 0; i < LOCK_COUNT; i++) {
      locks[i] = new ReentrantLock();
    }
  }

  /**
   * Sets the test for documents in use. Until this call, every document counts as in use. The test
   * must be true for a document before its user loads it.
   */
  public void setInUse(Predicate<DocumentId> test) {
    inUse = test;
  }

  /** Sets the listener that is called for every loaded document, on the loading thread. */
  public void setLoadListener(Consumer<DocumentId> listener) {
    loadListener = listener;
  }

  /** The archived documents. */
  public Set<DocumentId> archived() {
    return files.documents();
  }

  /** The size and time of an archived document; empty if it is not archived. */
  public Optional<Entry> entry(DocumentId document) {
    return files.has(document) ? files.entry(document) : Optional.empty();
  }

  /**
   * Moves a document into the archive, unless it is in use.
   *
   * @param nowMillis the current time, which the file records
   * @throws IOException if the document is damaged or the disk fails; no change is lost then
   */
  public Outcome archive(DocumentId document, long nowMillis) throws IOException {
    var lock = lock(document);
    try {
      if (inUse.test(document)) {
        return Outcome.IN_USE;
      }
      if (files.has(document)) {
        if (!store.contains(document)) {
          return Outcome.NOT_STORED;
        }
        // A crash left the document in both. Restore it, so that the store has every change.
        restore(document);
      }
      var stored = store.load(document);
      if (stored.isEmpty()) {
        return Outcome.NOT_STORED;
      }
      var file = new ArchiveFile(document, nowMillis, stored.get());
      files.write(file);
      if (!files.read(document).equals(file)) {
        files.delete(document);
        throw new IOException(
            "the archive's file of " + document + " differs from what was written");
      }
      await(store.remove(document));
      files.step("out of the store");
      log.info("document {} was moved to the archive", document);
      return Outcome.ARCHIVED;
    } finally {
      lock.unlock();
    }
  }

  private ReentrantLock lock(DocumentId document) {
    var lock = locks[Math.floorMod(document.hashCode(), LOCK_COUNT)];
    lock.lock();
    return lock;
  }

  private void restore(DocumentId document) throws IOException {
    var archived = files.read(document).contents();
    var stored = store.load(document);
    if (stored.isPresent()) {
      await(store.append(document, missing(document, archived, stored.get())));
    } else {
      if (archived.snapshot().isPresent()) {
        await(store.compact(document, archived.snapshot().get(), Set.of()));
        files.step("snapshot restored");
      }
      await(store.append(document, archived.tail()));
    }
    files.step("restored");
    files.delete(document);
    log.info("document {} was restored from the archive", document);
  }

  /** The changes of the archived document that the stored document lacks. */
  private List<ChangeRecord> missing(
      DocumentId document, StoredDocument archived, StoredDocument stored) {
    var storedHashes = new HashSet<>(allChanges(document, stored).keySet());
    var missing = new ArrayList<ChangeRecord>();
    allChanges(document, archived)
        .forEach(
            (hash, chunk) -> {
              if (storedHashes.add(hash)) {
                missing.add(new ChangeRecord(hash, chunk));
              }
            });
    return missing;
  }

  /** All changes of a document; each change follows its dependencies. */
  private Map<ChangeHash, Bytes> allChanges(DocumentId document, StoredDocument stored) {
    var all = new LinkedHashMap<ChangeHash, Bytes>();
    stored
        .snapshot()
        .ifPresent(
            snapshot ->
                chunks
                    .expand(document, snapshot)
                    .forEach(chunk -> all.put(chunks.hash(chunk), chunk)));
    stored.tail().forEach(change -> all.putIfAbsent(change.hash(), change.chunk()));
    return all;
  }

  private static void await(CompletableFuture<Void> commit) throws IOException {
    try {
      commit.get();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new InterruptedIOException("interrupted while the store was writing");
    } catch (ExecutionException e) {
      throw e.getCause() instanceof IOException cause
          ? cause
          : new IOException("the store failed", e.getCause());
    }
  }

  // Backups.

  /**
   * The archive for a backup. Open it before the state of the store is taken, and list the
   * documents afterwards: then each document is in that state, in the listed files, or in both.
   */
  public BackupView openForBackup() {
    files.beginBackup();
    return new BackupView(files);
  }

  /** The archived documents of a backup. One thread uses it. */
  public static final class BackupView implements AutoCloseable {
    private final ArchiveFiles files;

    private BackupView(ArchiveFiles files) {
      this.files = files;
    }

    /** The documents that have or had a file since the view was opened. */
    public Set<DocumentId> documents() throws IOException {
      return files.documentsForBackup();
    }

    /** The file of a document; empty if the document was removed meanwhile. */
    public Optional<Bytes> read(DocumentId document) throws IOException {
      return files.readForBackup(document);
    }

    @Override
    public void close() throws IOException {
      files.endBackup();
    }
  }

  /**
   * Reads the contents of an archive file.
   *
   * @throws CorruptDocumentException if the file is damaged or belongs to another document
   */
  public static StoredDocument contentsOf(DocumentId document, Bytes file)
      throws CorruptDocumentException {
    return ArchiveFile.decode(document, file.toArray()).contents();
  }

  /**
   * Writes an archive file into a directory, with the time of archiving that it contains.
   *
   * @param directory the directory of the archive files
   */
  public static void writeFile(Path directory, DocumentId document, Bytes file) throws IOException {
    new ArchiveFiles(directory).write(ArchiveFile.decode(document, file.toArray()));
  }

  // The methods of the store.

  @Override
  public StorageId storageId() {
    return store.storageId();
  }

  @Override
  public Optional<StoredDocument> load(DocumentId document) throws IOException {
    loadListener.accept(document);
    var lock = lock(document);
    try {
      if (files.has(document)) {
        restore(document);
      }
      return store.load(document);
    } finally {
      lock.unlock();
    }
  }

  @Override
  public boolean contains(DocumentId document) {
    return store.contains(document) || files.has(document);
  }

  @Override
  public Set<DocumentId> documents() {
    var all = new HashSet<>(store.documents());
    all.addAll(files.documents());
    return Set.copyOf(all);
  }

  @Override
  public CompletableFuture<Void> append(DocumentId document, List<ChangeRecord> changes) {
    return store.append(document, changes);
  }

  @Override
  public CompletableFuture<Void> compact(
      DocumentId document, Bytes snapshot, Set<ChangeHash> covered) {
    return store.compact(document, snapshot, covered);
  }

  @Override
  public CompletableFuture<Void> compact(
      DocumentId document, Optional<Bytes> previous, Bytes snapshot, Set<ChangeHash> covered) {
    return store.compact(document, previous, snapshot, covered);
  }

  @Override
  public boolean isCompactedByNodes() {
    return store.isCompactedByNodes();
  }

  @Override
  public CompletableFuture<Void> remove(DocumentId document) {
    var lock = lock(document);
    try {
      files.discard(document);
    } catch (IOException e) {
      return CompletableFuture.failedFuture(e);
    } finally {
      lock.unlock();
    }
    return store.remove(document);
  }

  @Override
  public RecordTable table(String name) {
    return store.table(name);
  }

  @Override
  public List<RecordTable> partsOf(String name) {
    return store.partsOf(name);
  }

  @Override
  public RecordTable tableOf(DocumentId document, String name) {
    return store.tableOf(document, name);
  }

  @Override
  public CompletableFuture<Void> refresh(DocumentId document) {
    return store.refresh(document);
  }

  @Override
  public void close() throws IOException {
    store.close();
  }
}
