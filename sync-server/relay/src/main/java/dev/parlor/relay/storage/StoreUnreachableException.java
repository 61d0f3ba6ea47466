package dev.parlor.relay.storage;

import java.io.IOException;

/**
 * A store on other machines did not carry out a request. That says nothing about its content: the
 * same request may succeed later.
 */
public class StoreUnreachableException extends IOException {
  private static final long serialVersionUID = 1L;

  public StoreUnreachableException(String message) {
    super(message);
  }

  public StoreUnreachableException(String message, Throwable cause) {
    super(message, cause);
  }

  /** Whether a store could not be reached, from an exception or one of its causes. */
  public static boolean isCauseOf(Throwable thrown) {
    for (var cause = thrown; cause != null; cause = cause.getCause()) {
      if (cause instanceof StoreUnreachableException) {
        return true;
      }
    }
    return false;
  }
}
