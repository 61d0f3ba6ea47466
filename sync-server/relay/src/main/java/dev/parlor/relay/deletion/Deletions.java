package dev.parlor.relay.deletion;

import dev.parlor.crdt.identity.Bytes;
import dev.parlor.crdt.identity.DocumentId;
import dev.parlor.relay.config.FixedLimits;
import dev.parlor.relay.document.DocumentDirectory;
import dev.parlor.relay.storage.ChangeStore;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.locks.ReentrantLock;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Deletes and restores documents. Its methods block on the disk; safe from any thread. The caller
 * has checked the permission, and that the document is not a room.
 *
 * <p>A deletion writes the tombstone first. From its commit on the document is deleted, whatever
 * happens next. Then the open document ends, and then its data is removed, if that is the order. If
 * the process dies in between, {@link #sweep} completes the removal.
 */
public final class Deletions {
  private static final Logger LOG = LoggerFactory.getLogger(Deletions.class);

  /** Locks for the documents; two documents may share a lock. */
  private static final int LOCKS = 64;

  /** The outcome of an order. */
  public sealed interface Outcome {
    /** The order was carried out. */
    record Done(Tombstone tombstone) implements Outcome {}

    /** The document was deleted before, so that the order cannot be carried out. */
    record Gone(Tombstone tombstone) implements Outcome {}

    /** The document is there; there is nothing to restore. */
    record NotDeleted() implements Outcome {}

    /** There is no such document. */
    record Unknown() implements Outcome {}
  }

  private final ChangeStore store;
  private final Tombstones tombstones;
  private final DocumentDirectory documents;
  private final DeletionListener listener;
  private final Duration kept;
  private final InstantSource clock;
  private final ReentrantLock[] locks = new ReentrantLock[LOCKS];

  /**
   * @param kept the time for which the data of a deleted document is kept
   */
  public Deletions(
      ChangeStore store,
      Tombstones tombstones,
      DocumentDirectory documents,
      DeletionListener listener,
      Duration kept,
      InstantSource clock) {
    this.store = store;
    this.tombstones = tombstones;
    this.documents = documents;
    this.listener = listener;
    this.kept = kept;
    this.clock = clock;
    for (var i = 0; i < LOCKS; i++) {
      locks[i] = new ReentrantLock();
    }
  }

  /** The tombstone of a deleted document; empty if the document is not deleted. */
  public Optional<Tombstone> find(DocumentId document) {
    return tombstones.find(document);
  }

  /** Whether the document is deleted. */
  public boolean isDeleted(DocumentId document) {
    return tombstones.isDeleted(document);
  }

  /**
   * Deletes a document.
   *
   * @param now whether its data is removed at once; otherwise it can be restored for some time
   * @throws IOException if the disk refuses. Then the document is deleted wholly or not at all, and
   *     the caller may try again
   */
  public Outcome delete(DocumentId document, boolean now) throws IOException {
    var lock = lock(document);
    try {
      var stored = tombstones.stored(document);
      var earlier = stored.map(Tombstone::decode).filter(Tombstone::isDeletion);
      if (earlier.isEmpty() && !store.contains(document)) {
        return new Outcome.Unknown();
      }
      if (earlier.isPresent() && (!now || !store.contains(document))) {
        // The attempt before may have failed after the tombstone was on disk.
        var _ = documents.deleted(document);
        return new Outcome.Gone(earlier.get());
      }
      var at = clock.instant();
      var tombstone = now ? Tombstone.removed(at) : Tombstone.deleted(at, at.plus(kept));
      put(document, stored, tombstone);
      var ended = documents.deleted(document);
      if (now) {
        remove(document, ended);
      }
      LOG.info("document {} was deleted{}", document, now ? ", with its data" : "");
      return new Outcome.Done(tombstone);
    } catch (UncheckedIOException e) {
      throw e.getCause();
    } finally {
      lock.unlock();
    }
  }

  /**
   * Restores a document whose data is still there.
   *
   * @throws IOException if the disk refuses; then the document stays deleted
   */
  public Outcome restore(DocumentId document) throws IOException {
    var lock = lock(document);
    try {
      var stored = tombstones.stored(document);
      var earlier = stored.map(Tombstone::decode).filter(Tombstone::isDeletion);
      if (earlier.isEmpty()) {
        return store.contains(document) ? new Outcome.NotDeleted() : new Outcome.Unknown();
      }
      if (earlier.get().isRemoved()) {
        return new Outcome.Gone(earlier.get());
      }
      var tombstone = Tombstone.restored(clock.instant());
      put(document, stored, tombstone);
      LOG.info("document {} was restored", document);
      return new Outcome.Done(tombstone);
    } catch (UncheckedIOException e) {
      throw e.getCause();
    } finally {
      lock.unlock();
    }
  }

  /**
   * Removes the data of documents whose time has come, and completes removals that a crash
   * interrupted.
   *
   * @return the number of documents whose data was removed
   */
  public int sweep() {
    var removed = 0;
    for (Map.Entry<DocumentId, Tombstone> entry : tombstones.all().entrySet()) {
      try {
        removed += sweep(entry.getKey()) ? 1 : 0;
      } catch (IOException | RuntimeException e) {
        LOG.warn("the data of deleted document {} was not removed", entry.getKey(), e);
      }
    }
    return removed;
  }

  private boolean sweep(DocumentId document) throws IOException {
    var lock = lock(document);
    try {
      var stored = tombstones.stored(document);
      var tombstone = stored.map(Tombstone::decode).filter(Tombstone::isDeletion);
      if (tombstone.isEmpty()) {
        return false;
      }
      // A deletion that the disk answered too late did not end the open document.
      var ended = documents.deleted(document);
      if (!isDue(tombstone.get(), clock.instant())) {
        return false;
      }
      if (!tombstone.get().isRemoved()) {
        await(replace(document, stored, Tombstone.removed(tombstone.get().at())));
      }
      if (!store.contains(document)) {
        return false;
      }
      remove(document, ended);
      LOG.info("the data of deleted document {} was removed", document);
      return true;
    } finally {
      lock.unlock();
    }
  }

  private static boolean isDue(Tombstone tombstone, Instant now) {
    return tombstone.keptUntil().map(until -> !now.isBefore(until)).orElse(true);
  }

  /**
   * Puts a tombstone, and waits until it is on disk, and until a restored document answers
   * requests.
   */
  private void put(DocumentId document, Optional<Bytes> expected, Tombstone tombstone)
      throws IOException {
    listener.begins(document);
    try {
      await(replace(document, expected, tombstone));
      if (!tombstone.isDeletion()) {
        await(documents.restored(document));
      }
    } catch (IOException e) {
      // A reader may have seen the tombstone before the disk refused it.
      var _ = documents.restored(document);
      throw e;
    } finally {
      listener.ended(document);
    }
  }

  private CompletableFuture<Void> replace(
      DocumentId document, Optional<Bytes> expected, Tombstone tombstone) throws IOException {
    var outcome = tombstones.replace(document, expected, tombstone);
    if (!outcome.replaced()) {
      throw new IOException("another server deletes or restores this document; try again");
    }
    return outcome.committed();
  }

  /**
   * @param ended completes when no change of the document is on its way to the store any more
   */
  private void remove(DocumentId document, CompletableFuture<Void> ended) throws IOException {
    await(ended);
    await(store.remove(document));
  }

  private ReentrantLock lock(DocumentId document) {
    var lock = locks[Math.floorMod(document.hashCode(), LOCKS)];
    lock.lock();
    return lock;
  }

  private static void await(CompletableFuture<Void> done) throws IOException {
    try {
      done.get(FixedLimits.DELETION_SECONDS_MAX, TimeUnit.SECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      var interrupted = new InterruptedIOException("interrupted while the store was writing");
      interrupted.initCause(e);
      throw interrupted;
    } catch (TimeoutException e) {
      throw new IOException("the disk did not answer in time", e);
    } catch (ExecutionException e) {
      throw e.getCause() instanceof IOException cause
          ? cause
          : new IOException("the store failed", e.getCause());
    }
  }
}
