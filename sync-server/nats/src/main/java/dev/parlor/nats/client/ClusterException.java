package dev.parlor.nats.client;

import dev.parlor.relay.storage.StoreUnreachableException;

/** A request to the cluster did not succeed. */
public final class ClusterException extends StoreUnreachableException {
  private static final long serialVersionUID = 1L;

  /** What is known about the request. */
  public enum Kind {
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

  /** A request that did not succeed. */
  public ClusterException(Kind kind, String message) {
    super(message);
    this.kind = kind;
  }

  /** A request that did not succeed because of another failure. */
  public ClusterException(Kind kind, String message, Throwable cause) {
    super(message, cause);
    this.kind = kind;
  }

  /** What is known about the request. */
  public Kind kind() {
    return kind;
  }
}
