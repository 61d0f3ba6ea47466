package dev.parlor.server.admission;

import dev.parlor.crdt.identity.DocumentId;

/** What the server knows of a document beside its changes. Safe from any thread; never blocks. */
@FunctionalInterface
public interface DocumentPolicy {

  /** Whether this is a room's document, which only connections scoped to it may reach. */
  boolean isRoom(DocumentId document);

  /** Every document is open to whoever knows its id. */
  static DocumentPolicy withoutRooms() {
    return _ -> false;
  }
}
