package dev.parlor.nats;

import dev.parlor.relay.storage.StoreUnreachableException;

/** A request to the cluster did not succeed. */
final class ClusterException extends StoreUnreachableException {
  private static final long serialVersionUID = 1L;

  /** What is known about the request. */
  enum Kind {
    /** There was no answer: the request may have been carried out, or will be. Try again. */
    UNANSWERED,
    /** The message that was expected to be the last of its subject is not the last. */
    CONFLICT,
    /**
     * An earlier attempt may have been carried out, and trying again does not tell: the message
     * that was expected to be the last of its subject no longer is.
     */
    UNKNOWN,
    /** The cluster refused the request, for example because its disk is full. */
    REFUSED,
    /** This process closed its connection. */
    CLOSED
  }

  private final Kind kind;

  ClusterException(Kind kind, String message) {
    super(message);
    this.kind = kind;
  }

  ClusterException(Kind kind, String message, Throwable cause) {
    super(message, cause);
    this.kind = kind;
  }

  Kind kind() {
    return kind;
  }
}
