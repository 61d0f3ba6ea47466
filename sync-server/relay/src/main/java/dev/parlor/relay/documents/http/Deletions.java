package dev.parlor.relay.documents.http;

import dev.parlor.crdt.identity.DocumentId;

/** Tells which documents were deleted, for 410 in the place of 404. May read the disk. */
@FunctionalInterface
public interface Deletions {

  boolean isDeleted(DocumentId document);

  /** No document was deleted. */
  static Deletions none() {
    return _ -> false;
  }
}
