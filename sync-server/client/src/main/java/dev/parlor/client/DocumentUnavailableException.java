package dev.parlor.client;

import dev.parlor.crdt.identity.DocumentId;

/** The server does not have the document, or there is no server and no stored document. */
public final class DocumentUnavailableException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  DocumentUnavailableException(DocumentId document, String reason) {
    super("the document " + document + " is not available: " + reason);
  }
}
