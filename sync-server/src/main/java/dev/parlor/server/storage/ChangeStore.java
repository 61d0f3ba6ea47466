package dev.parlor.server.storage;

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
 * [DU3], and beside them tables of small records. Everything handed in at about the same time is
 * committed as one group. All methods may be called from any thread.
 *
 * <h2>At least once</h2>
 *
 * A change is known by its hash, changes commute and are idempotent. So that a distributed log may
 * stand behind this as well as a file, the port promises no more than such a log can keep:
 *
 * <ul>
 *   <li>A completed append is durable by the store's own measure (a flush, a quorum), and every
 *       later {@link #load} through this object returns it, until a compaction that covers it.
 *   <li>A change may come back more often than it was appended, and an append that failed may be
 *       there after all, at once or after a restart. Who reads drops doubles by their hash; who
 *       retries appends the same change again, which is always allowed.
 *   <li>A document's changes come back in the order in which one caller appended them, by the first
 *       appearance of each. Nothing orders documents, tables and several callers against each
 *       other, and no commit spans them, but for {@link #tableOf}.
 *   <li>After a crash everything acknowledged is there; of what was not, each append wholly or not
 *       at all.
 * </ul>
 *
 * {@code ChangeStoreContract} has a test for each of these; a new implementation subclasses it.
 */
public interface ChangeStore extends AutoCloseable {

  /** A change to keep: its hash and the chunk's bytes in plain form. */
  record ChangeRecord(ChangeHash hash, Bytes chunk) {}

  /**
   * What is stored of one document.
   *
   * @param snapshot an Automerge document chunk, when there is one
   * @param tail the change chunks that came after the snapshot, in append order; may overlap what
   *     the snapshot covers, and may hold a change twice
   */
  record StoredDocument(Optional<Bytes> snapshot, List<ChangeRecord> tail) {
    public StoredDocument {
      tail = List.copyOf(tail);
    }
  }

  /** The name under which heads are durable here [DU2]; made once per data directory. */
  StorageId storageId();

  /**
   * Reads a document; blocks on the disk.
   *
   * @throws CorruptDocumentException when a record fails its checksum: the document is quarantined
   *     by name, others open
   */
  Optional<StoredDocument> load(DocumentId document) throws IOException;

  /**
   * Whether anything is stored of the document, or may be where the store cannot look; cheap, no
   * disk read of its changes.
   */
  boolean contains(DocumentId document);

  Set<DocumentId> documents();

  /**
   * Queues changes for the next group commit. The future completes after the commit that holds
   * them, or exceptionally with an {@link IOException} when the disk refuses; then nothing of this
   * call counts as stored, and appending the same again is how to retry. The futures of one caller
   * complete in the order of its calls for this document and its {@link #tableOf}, on a thread of
   * the store that must not be kept.
   */
  CompletableFuture<Void> append(DocumentId document, List<ChangeRecord> changes);

  /**
   * Replaces the snapshot and then drops the changes it covers, however often they are there. A
   * crash between the two leaves both, which loses nothing. The caller sees to it that a snapshot
   * covers all that the one before covered, and compacts a document once at a time.
   */
  CompletableFuture<Void> compact(DocumentId document, Bytes snapshot, Set<ChangeHash> covered);

  /**
   * Forgets all that is stored of a document: what was handed in before this call goes, what is
   * handed in later stays and makes the document anew. A crash or a failure leaves all of it or
   * nothing. The caller sees to it that the document is not being compacted. Removing what is not
   * there succeeds.
   */
  CompletableFuture<Void> remove(DocumentId document);

  /** A table of small durable records by name; the same name gives the same table. */
  RecordTable table(String name);

  /**
   * The part of a table in which this document's records lie, and perhaps other documents': keys
   * begin with its id. What one caller puts there before it appends to the document is durable no
   * later than what it appends.
   */
  RecordTable tableOf(DocumentId document, String name);

  /** Commits what is queued and releases the directory. */
  @Override
  void close() throws IOException;
}
