package dev.parlor.relay.storage;

import java.io.IOException;

/**
 * The files of a store are damaged as a whole, not only a document in it [DU4]. The message names
 * their directory.
 */
final class DamagedStoreException extends IOException {
  private static final long serialVersionUID = 1L;

  DamagedStoreException(String problem) {
    super(problem);
  }

  DamagedStoreException(String problem, Throwable cause) {
    super(problem, cause);
  }
}
