package dev.parlor.relay.document;

import dev.parlor.crdt.identity.DocumentId;

/**
 * Opens documents for the server's own use. The server's implementation is {@link
 * DocumentDirectory}.
 */
@FunctionalInterface
public interface DocumentOpener {

  /**
   * Opens the document if it is not in memory, and returns its handle. Never blocks on the disk.
   */
  ServerDocumentHandle open(DocumentId document);
}
