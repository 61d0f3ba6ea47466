package dev.parlor.relay.document;

import dev.parlor.crdt.identity.DocumentId;

/**
 * Opens documents for the server's own use. The document directory implements it in the server, a
 * fake in tests.
 */
@FunctionalInterface
public interface DocumentOpener {

  /**
   * Opens the document if it is not in memory, and returns its handle. Never blocks on the disk.
   */
  ServerDocumentHandle open(DocumentId document);
}
