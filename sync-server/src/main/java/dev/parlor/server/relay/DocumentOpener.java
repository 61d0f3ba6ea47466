package dev.parlor.server.relay;

import dev.parlor.crdt.identity.DocumentId;

/** Opens rooms for the server's own use; the room directory in the server, a fake in tests. */
@FunctionalInterface
public interface DocumentOpener {

  /**
   * The door of this document's room, opened when it is not in memory. Never blocks on the disk.
   */
  ServerDocumentHandle open(DocumentId document);
}
