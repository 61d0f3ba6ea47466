package dev.parlor.relay.access;

import dev.parlor.crdt.identity.Bytes;
import dev.parlor.crdt.identity.DocumentId;
import dev.parlor.relay.deletion.Tombstones;
import dev.parlor.relay.storage.ChangeStore;
import dev.parlor.relay.storage.RecordTable;
import java.util.Optional;

/**
 * The subjects that created documents, in the table {@code document-owners}. A record is on disk no
 * later than the document's first change. Reads the disk; safe from any thread.
 */
public final class DocumentOwners {
  private static final String TABLE = "document-owners";

  private final ChangeStore store;
  private final Tombstones tombstones;

  public DocumentOwners(ChangeStore store) {
    this.store = store;
    this.tombstones = new Tombstones(store);
  }

  /** The subject that created the document; empty if no holder of a token created it. */
  Optional<String> of(DocumentId document) {
    return table(document).get(document.value()).map(Bytes::toUtf8);
  }

  /** Whether the document is stored or deleted, so that no subject may create it. */
  boolean exists(DocumentId document) {
    return store.contains(document) || tombstones.isDeleted(document);
  }

  /**
   * Records that this subject creates the document, unless another subject did.
   *
   * @return the subject that creates the document
   */
  String claim(DocumentId document, String subject) {
    return table(document).putIfAbsent(document.value(), Bytes.utf8(subject)).value().toUtf8();
  }

  private RecordTable table(DocumentId document) {
    return store.tableOf(document, TABLE);
  }
}
