package dev.parlor.relay.storage;

import dev.parlor.crdt.identity.Bytes;
import dev.parlor.crdt.identity.ChangeHash;
import dev.parlor.crdt.identity.DocumentId;
import dev.parlor.crdt.identity.StorageId;
import java.io.IOException;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;

/**
 * The port to durable storage: for each document a log of change chunks and at most one snapshot
 * [DU3], and beside them tables of small records. Writes that arrive at about the same time are
 * committed as one group. All methods may be called from any thread.
 *
 * <h2>At least once</h2>
 *
 * Changes are identified by their hash, commute, and are idempotent. The port promises no more than
 * a distributed log can keep, so that such a log can implement it as well as a file:
 *
 * <ul>
 *   <li>A completed append is durable by the store's own measure (a flush, a quorum), and every
 *       later {@link #load} through this object returns it, until a compaction that covers it.
 *   <li>A load may return a change more often than it was appended. A failed append may still be
 *       stored, at once or after a restart. The reader drops duplicates by their hash. A retry
 *       appends the same change again, which is always allowed.
 *   <li>A document's changes come back in the order in which one caller appended them, by the first
 *       appearance of each. There is no order between documents, tables or callers, and no commit
 *       spans them, except for {@link #tableOf}.
 *   <li>After a crash every acknowledged append is stored. Each other append is stored as a whole
 *       or not at all.
 * </ul>
 *
 * {@code ChangeStoreContract} has a test for each of these; a new implementation subclasses it.
 */
public interface ChangeStore extends AutoCloseable {

  /** A change to store: its hash, and its chunk without compression. */
  record ChangeRecord(ChangeHash hash, Bytes chunk) {}

  /**
   * The stored form of one document.
   *
   * @param snapshot an Automerge document chunk, when there is one
   * @param tail the change chunks appended after the snapshot, in append order; it may repeat
   *     changes that the snapshot covers, and may hold a change twice
   */
  record StoredDocument(Optional<Bytes> snapshot, List<ChangeRecord> tail) {
    public StoredDocument {
      tail = List.copyOf(tail);
    }
  }

  /**
   * The id under which clients learn that heads are durable here [DU2]; it is made once for each
   * data directory.
   */
  StorageId storageId();

  /**
   * Reads a document; blocks on the disk.
   *
   * @throws CorruptDocumentException if a record fails its checksum; then only this document is
   *     quarantined
   */
  Optional<StoredDocument> load(DocumentId document) throws IOException;

  /**
   * Whether the document is stored, or may be stored in a shard that cannot be read. This is cheap,
   * since it reads no changes from the disk.
   */
  boolean contains(DocumentId document);

  /** The ids of all stored documents that can be read. */
  Set<DocumentId> documents();

  /**
   * Queues changes for the next group commit. The future completes after the commit that holds
   * them, or exceptionally with an {@link IOException} when the disk refuses; then no change of
   * this call counts as stored, and the caller retries by appending the same changes again. The
   * futures of one caller complete in the order of its calls for this document and its {@link
   * #tableOf}, on a thread of the store, which must not be blocked.
   */
  CompletableFuture<Void> append(DocumentId document, List<ChangeRecord> changes);

  /**
   * Replaces the snapshot and then drops every copy of the changes that it covers. A crash between
   * the two steps leaves both, which loses nothing. The caller must make sure that a snapshot
   * covers everything that the previous snapshot covered, and must not compact a document twice at
   * the same time.
   */
  CompletableFuture<Void> compact(DocumentId document, Bytes snapshot, Set<ChangeHash> covered);

  /**
   * As {@link #compact(DocumentId, Bytes, Set)}, if the stored snapshot is the previous one.
   * Several nodes may call this at once for a document, if {@link #isCompactedByNodes} says so:
   * then one of them succeeds.
   *
   * @param previous the stored snapshot, all of whose changes the new one contains
   * @return fails with {@link SnapshotReplacedException} if another snapshot is stored
   */
  default CompletableFuture<Void> compact(
      DocumentId document, Optional<Bytes> previous, Bytes snapshot, Set<ChangeHash> covered) {
    return compact(document, snapshot, covered);
  }

  /** Whether several nodes may compact documents. */
  default boolean isCompactedByNodes() {
    return false;
  }

  /**
   * Removes a document. Writes before this call are removed; later writes stay and create the
   * document again. After a crash or a failure the document is stored as a whole or not at all. The
   * caller must make sure that the document is not being compacted. Removing an unknown document
   * succeeds.
   */
  CompletableFuture<Void> remove(DocumentId document);

  /** A table of small durable records by name; the same name gives the same table. */
  RecordTable table(String name);

  /**
   * The part of a table that holds the records of this document, and perhaps of others. Keys begin
   * with the document's id. A record that a caller puts before it appends to the document is
   * durable no later than that append.
   */
  RecordTable tableOf(DocumentId document, String name);

  /**
   * Reads what other nodes wrote into the tables of this document. When the future completes, the
   * tables that {@link #tableOf} returns show every record whose commit completed on any node
   * before this call. It fails with an {@link IOException} if the cluster does not answer. Cheap if
   * nothing was written. A store of one node has nothing to read.
   */
  default CompletableFuture<Void> refresh(DocumentId document) {
    return CompletableFuture.completedFuture(null);
  }

  /**
   * The parts of a table that {@link #tableOf} returns, which together hold its records of all
   * documents that can be read.
   */
  default List<RecordTable> partsOf(String name) {
    return List.of(table(name));
  }

  /** Commits the queued writes and releases the directory. */
  @Override
  void close() throws IOException;
}
