package dev.parlor.client;

import dev.parlor.crdt.identity.DocumentId;

/** The server refused a change of this client. The message has the server's rule and reason. */
public final class ChangeRefusedException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  ChangeRefusedException(DocumentId document, String reason) {
    super("the server refused a change of the document " + document + ": " + reason);
  }
}
