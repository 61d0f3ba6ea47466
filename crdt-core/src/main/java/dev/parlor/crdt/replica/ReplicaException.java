package dev.parlor.crdt.replica;

/**
 * Signals an edit that does not fit the document, or bytes that are not changes. The failed call
 * leaves the replica unchanged. The message has the position and path of the edit, but no contents.
 */
public final class ReplicaException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  ReplicaException(String message) {
    super(message);
  }

  ReplicaException(String message, Throwable cause) {
    super(message, cause);
  }
}
