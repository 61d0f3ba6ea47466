package dev.parlor.server.archive;

import dev.parlor.crdt.identity.Bytes;
import dev.parlor.crdt.identity.ChangeHash;
import dev.parlor.crdt.identity.DocumentId;
import dev.parlor.crdt.identity.StorageId;
import dev.parlor.server.storage.ChangeStore;
import dev.parlor.server.storage.RecordTable;
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
 * The store, and behind it the archive: what {@link #archive} put into a file is back in the store
 * before {@link #load} returns. Whoever loads a document before writing to it, as a room does,
 * never notices. Safe from any thread; loading and archiving block on the disk.
 *
 * <h2>Why nothing is lost</h2>
 *
 * A document is archived in two steps, file durable and then gone from the store, and comes back in
 * two, in the store durably and then the file gone. So at every moment all of it is in the file or
 * in the store or in both. When it is in both, whatever stopped in between, loading adds what only
 * the file has to what the store has, and that is every change of either. Both steps happen under
 * the document's lock, which a load needs as well, and a document that is in use is not archived:
 * nothing is appended between the look at the store and the removal.
 */
public final class Archive implements ChangeStore {

  private static final Logger log = LoggerFactory.getLogger(Archive.class);
  private static final int LOCKS = 64;

  /** How the chunks of snapshots are read. */
  public interface Chunks {
    /** The changes of a snapshot. */
    List<Bytes> expand(DocumentId document, Bytes snapshot);

    /** The hash of a change. */
    ChangeHash hash(Bytes change);
  }

  /** What an archived document looks like from outside. */
  public record Entry(DocumentId document, long bytes, long archivedAt) {}

  /** How archiving a document ended. */
  public enum Outcome {
    ARCHIVED,
    /** It is archived already, or nothing of it is stored. */
    NOT_THERE,
    IN_USE
  }

  private final ChangeStore store;
  private final ArchiveFiles files;
  private final Chunks chunks;
  private final ReentrantLock[] locks = new ReentrantLock[LOCKS];
  private volatile Predicate<DocumentId> inUse = _ -> true;
  private volatile Consumer<DocumentId> watcher = _ -> {};

  /**
   * Puts an archive behind a store.
   *
   * @param directory of the archive's files; made when the first is written
   */
  public static Archive open(ChangeStore store, Path directory, Chunks chunks) throws IOException {
    return new Archive(store, new ArchiveFiles(directory), chunks);
  }

  Archive(ChangeStore store, ArchiveFiles files, Chunks chunks) {
    this.store = store;
    this.files = files;
    this.chunks = chunks;
    for (var i = 0; i < LOCKS; i++) {
      locks[i] = new ReentrantLock();
    }
  }

  /**
   * Which documents are in use; until this is called, all. Whoever begins to use one says so here
   * before it loads it.
   */
  public void inUse(Predicate<DocumentId> test) {
    inUse = test;
  }

  /** Is told of every document that is loaded, on the loading thread. */
  public void onLoad(Consumer<DocumentId> told) {
    watcher = told;
  }

  /** The documents that are in the archive. */
  public Set<DocumentId> archived() {
    return files.documents();
  }

  /** How an archived document looks; empty when it is not archived. */
  public Optional<Entry> entry(DocumentId document) {
    return files.has(document) ? files.entry(document) : Optional.empty();
  }

  /**
   * Puts a document into the archive, unless it is in use.
   *
   * @param now in milliseconds
   * @throws IOException when it is damaged, or the disk refuses; then it is where it was
   */
  public Outcome archive(DocumentId document, long now) throws IOException {
    var lock = lock(document);
    try {
      if (inUse.test(document)) {
        return Outcome.IN_USE;
      }
      if (files.has(document)) {
        if (!store.contains(document)) {
          return Outcome.NOT_THERE;
        }
        restore(document); // Something stopped between two steps; the store has all of it then.
      }
      var stored = store.load(document);
      if (stored.isEmpty()) {
        return Outcome.NOT_THERE;
      }
      var file = new ArchiveFile(document, now, stored.get());
      files.write(file);
      if (!files.read(document).equals(file)) {
        files.delete(document);
        throw new IOException("the archive's file of " + document + " is not what was written");
      }
      await(store.remove(document));
      files.step("out of the store");
      log.info("document {} is in the archive now", document);
      return Outcome.ARCHIVED;
    } finally {
      lock.unlock();
    }
  }

  private ReentrantLock lock(DocumentId document) {
    var lock = locks[Math.floorMod(document.hashCode(), LOCKS)];
    lock.lock();
    return lock;
  }

  private void restore(DocumentId document) throws IOException {
    var archived = files.read(document).contents();
    var live = store.load(document);
    if (live.isPresent()) {
      await(store.append(document, missing(document, archived, live.get())));
    } else {
      if (archived.snapshot().isPresent()) {
        await(store.compact(document, archived.snapshot().get(), Set.of()));
        files.step("snapshot restored");
      }
      await(store.append(document, archived.tail()));
    }
    files.step("restored");
    files.delete(document);
    log.info("document {} is back from the archive", document);
  }

  private List<ChangeRecord> missing(
      DocumentId document, StoredDocument archived, StoredDocument live) {
    var known = new HashSet<>(all(document, live).keySet());
    var missing = new ArrayList<ChangeRecord>();
    all(document, archived)
        .forEach(
            (hash, chunk) -> {
              if (known.add(hash)) {
                missing.add(new ChangeRecord(hash, chunk));
              }
            });
    return missing;
  }

  /** Every change, in an order in which each comes after what it depends on. */
  private Map<ChangeHash, Bytes> all(DocumentId document, StoredDocument stored) {
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

  private static void await(CompletableFuture<Void> done) throws IOException {
    try {
      done.get();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new InterruptedIOException("interrupted while the store was writing");
    } catch (ExecutionException e) {
      throw e.getCause() instanceof IOException told
          ? told
          : new IOException("the store failed", e.getCause());
    }
  }

  // The store, as if there were no archive.

  @Override
  public StorageId storageId() {
    return store.storageId();
  }

  @Override
  public Optional<StoredDocument> load(DocumentId document) throws IOException {
    watcher.accept(document);
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
  public CompletableFuture<Void> remove(DocumentId document) {
    var lock = lock(document);
    try {
      files.delete(document);
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
  public RecordTable tableOf(DocumentId document, String name) {
    return store.tableOf(document, name);
  }

  @Override
  public void close() throws IOException {
    store.close();
  }
}
