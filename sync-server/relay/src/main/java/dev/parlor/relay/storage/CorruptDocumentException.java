package dev.parlor.relay.storage;

import dev.parlor.crdt.identity.DocumentId;
import java.io.IOException;

/**
 * A document cannot be read: one of its records is damaged, or its whole shard is unavailable
 * [DU4]. The message names the document and the problem.
 */
public final class CorruptDocumentException extends IOException {
  private static final long serialVersionUID = 1L;

  private final transient DocumentId document;

  private final boolean wholeShard;

  public CorruptDocumentException(DocumentId document, String problem) {
    this(document, problem, false);
  }

  private CorruptDocumentException(DocumentId document, String problem, boolean wholeShard) {
    super("document " + document + ": " + problem);
    this.document = document;
    this.wholeShard = wholeShard;
  }

  static CorruptDocumentException ofShard(DocumentId document, String problem) {
    return new CorruptDocumentException(document, problem, true);
  }

  /**
   * Whether the whole shard is unavailable, including documents that were never stored. A client
   * can invent ids of such documents, so the caller limits how often it logs this.
   */
  public boolean isWholeShardUnavailable() {
    return wholeShard;
  }

  public DocumentId document() {
    return document;
  }
}
