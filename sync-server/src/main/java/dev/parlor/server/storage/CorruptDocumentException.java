package dev.parlor.server.storage;

import dev.parlor.crdt.identity.DocumentId;
import java.io.IOException;

/**
 * A stored record of one document failed its checksum [DU4]; the message names the document and the
 * record.
 */
public final class CorruptDocumentException extends IOException {
  private static final long serialVersionUID = 1L;

  private final transient DocumentId document;

  public CorruptDocumentException(DocumentId document, String what) {
    super("document " + document + ": " + what);
    this.document = document;
  }

  public DocumentId document() {
    return document;
  }
}
