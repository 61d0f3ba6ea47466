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
 * committed as one group.
 *
 * <p>Changes commute and are idempotent, so an implementation may deliver an appended change twice
 * and need not order documents against each other. All methods may be called from any thread.
 */
public interface ChangeStore extends AutoCloseable {

  /** A change to keep: its hash and the chunk's bytes in plain form. */
  record ChangeRecord(ChangeHash hash, Bytes chunk) {}

  /**
   * What is stored of one document.
   *
   * @param snapshot an Automerge document chunk, when there is one
   * @param tail the change chunks that came after the snapshot, in append order; may overlap what
   *     the snapshot covers
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

  /** Whether anything is stored of the document; cheap, no disk read of its changes. */
  boolean contains(DocumentId document);

  Set<DocumentId> documents();

  /**
   * Queues changes for the next group commit. The future completes after the commit that holds
   * them, or exceptionally with an {@link IOException} when the disk refuses; then nothing of this
   * call counts as stored.
   */
  CompletableFuture<Void> append(DocumentId document, List<ChangeRecord> changes);

  /**
   * Replaces the snapshot and then drops the log records it covers. A crash between the two leaves
   * both, which loses nothing. The caller sees to it that a snapshot covers all that the one before
   * covered, and compacts a document once at a time.
   */
  CompletableFuture<Void> compact(DocumentId document, Bytes snapshot, Set<ChangeHash> covered);

  /** A table of small durable records by name; the same name gives the same table. */
  RecordTable table(String name);

  /** Commits what is queued and releases the directory. */
  @Override
  void close() throws IOException;
}
