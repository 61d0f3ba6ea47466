package dev.parlor.relay.document;

import dev.parlor.crdt.identity.DocumentId;
import java.util.function.Predicate;

/**
 * The parts of the server that documents ask and tell.
 *
 * @param isDeleted whether a document is deleted; asked when it enters memory, on a thread that may
 *     block
 * @param changes is told about new changes
 */
public record DocumentHooks(Predicate<DocumentId> isDeleted, ChangeListener changes) {

  /** No document is deleted, and nothing listens. */
  public static final DocumentHooks NONE = new DocumentHooks(_ -> false, ChangeListener.NONE);
}
