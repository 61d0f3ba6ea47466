package dev.parlor.relay.admission;

import dev.parlor.crdt.identity.DocumentId;

/** Decides which documents need a scope. Safe from any thread; never blocks. */
@FunctionalInterface
public interface DocumentPolicy {

  /** Whether only connections scoped to this document may reach it. */
  boolean needsScope(DocumentId document);

  /** A policy without scopes: every caller that knows a document's id may reach the document. */
  static DocumentPolicy unscoped() {
    return _ -> false;
  }
}
