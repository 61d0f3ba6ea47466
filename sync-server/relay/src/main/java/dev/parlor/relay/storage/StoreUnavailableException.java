package dev.parlor.relay.storage;

/** The store does not answer or refuses, so a request cannot be decided now; try again later. */
public final class StoreUnavailableException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  public StoreUnavailableException(Throwable cause) {
    super("the store does not answer: " + cause.getMessage(), cause);
  }
}
