package dev.parlor.relay.storage;

import dev.parlor.crdt.identity.DocumentId;
import java.io.IOException;

/**
 * A stored record of one document failed its checksum, or its whole shard cannot be had [DU4]; the
 * message names the document and the record.
 */
public final class CorruptDocumentException extends IOException {
  private static final long serialVersionUID = 1L;

  private final transient DocumentId document;

  private final boolean ofShard;

  public CorruptDocumentException(DocumentId document, String what) {
    this(document, what, false);
  }

  private CorruptDocumentException(DocumentId document, String what, boolean ofShard) {
    super("document " + document + ": " + what);
    this.document = document;
    this.ofShard = ofShard;
  }

  static CorruptDocumentException ofShard(DocumentId document, String what) {
    return new CorruptDocumentException(document, what, true);
  }

  /**
   * Whether the whole shard is unavailable, including documents that were never stored. A client
   * can make up such ids, so the caller limits how often it logs this.
   */
  public boolean isWholeShardUnavailable() {
    return ofShard;
  }

  public DocumentId document() {
    return document;
  }
}
