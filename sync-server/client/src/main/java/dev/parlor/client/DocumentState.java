package dev.parlor.client;

/** Whether a document can be read and changed. */
public enum DocumentState {
  /** The document is not stored here; the server was not asked yet, or has not answered. */
  REQUESTING,
  /** The document has content. */
  READY,
  /** The server does not have the document. If it arrives later, the state becomes ready. */
  UNAVAILABLE
}
