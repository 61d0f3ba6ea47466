package dev.parlor.crdt.replica;

/**
 * An edit that does not fit the document, or bytes that are not changes. The replica is unchanged
 * by the call. The message names the edit by position and path and never quotes contents.
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
