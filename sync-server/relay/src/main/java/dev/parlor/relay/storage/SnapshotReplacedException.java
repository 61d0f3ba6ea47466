package dev.parlor.relay.storage;

import dev.parlor.crdt.identity.Bytes;
import dev.parlor.crdt.identity.DocumentId;
import java.io.IOException;
import java.util.Optional;

/** A document was not compacted, because another node stored another snapshot of it. */
public final class SnapshotReplacedException extends IOException {

  private static final long serialVersionUID = 1L;

  private final transient Optional<Bytes> stored;

  /**
   * @param stored the snapshot that the other node stored; empty if it removed the document
   */
  public SnapshotReplacedException(DocumentId document, Optional<Bytes> stored) {
    super("document " + document + ": another node stored another snapshot");
    this.stored = stored;
  }

  /** The snapshot that the other node stored; empty if it removed the document. */
  public Optional<Bytes> stored() {
    return stored;
  }
}
