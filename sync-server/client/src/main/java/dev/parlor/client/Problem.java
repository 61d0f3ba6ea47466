package dev.parlor.client;

import dev.parlor.crdt.identity.DocumentId;

/**
 * Something that a program may want to show or log. The repository goes on.
 *
 * @param description one sentence for a person
 */
public record Problem(Kind kind, DocumentId document, String description) {

  /** The part that has the problem. */
  public enum Kind {
    /** The file of the document was damaged, or cannot be written. */
    STORE,
    /** The server refused a change of this client. */
    CHANGE_REFUSED,
    /** The server sent a change that cannot enter the document. */
    CHANGE_NOT_USABLE
  }
}
