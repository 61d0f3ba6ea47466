package dev.parlor.client.store;

import java.io.IOException;

/** The folder or a file of the offline store cannot be opened. The message names it. */
public final class StoreException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  StoreException(String message) {
    super(message);
  }

  StoreException(String message, IOException cause) {
    super(message + ": " + cause, cause);
  }
}
