package dev.parlor.relay.document;

/** Thrown when changes were made for a state of a document that is no longer the newest. */
public final class HeadsChangedException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  HeadsChangedException() {
    super("the document has changed meanwhile", null, false, false);
  }
}
