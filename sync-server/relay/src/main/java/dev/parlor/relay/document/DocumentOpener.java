package dev.parlor.relay.document;

import dev.parlor.crdt.identity.DocumentId;

/**
 * Opens documents for the server's own use. The document directory implements it in the server, a
 * fake in tests.
 */
@FunctionalInterface
public interface DocumentOpener {

  /**
   * The handle of this document, which is opened if it is not in memory. Never blocks on the disk.
   */
  ServerDocumentHandle open(DocumentId document);
}
