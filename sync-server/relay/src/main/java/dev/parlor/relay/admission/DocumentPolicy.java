package dev.parlor.relay.admission;

import dev.parlor.crdt.identity.DocumentId;

/**
 * The server's knowledge of a document apart from its changes. Safe from any thread; never blocks.
 */
@FunctionalInterface
public interface DocumentPolicy {

  /** Whether only connections scoped to this document may reach it. */
  boolean needsScope(DocumentId document);

  /** Every document is open to every caller that knows its id. */
  static DocumentPolicy unscoped() {
    return _ -> false;
  }
}
