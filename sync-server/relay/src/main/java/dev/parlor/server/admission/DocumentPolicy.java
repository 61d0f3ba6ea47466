package dev.parlor.server.admission;

import dev.parlor.crdt.identity.DocumentId;

/**
 * The server's knowledge of a document apart from its changes. Safe from any thread; never blocks.
 */
@FunctionalInterface
public interface DocumentPolicy {

  /** Whether this is a room's document, which only connections scoped to it may reach. */
  boolean isRoom(DocumentId document);

  /** A policy without rooms: every document is open to every caller that knows its id. */
  static DocumentPolicy withoutRooms() {
    return _ -> false;
  }
}
