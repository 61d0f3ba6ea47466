package dev.parlor.relay.storage;

import java.io.IOException;

/**
 * The files of a whole store, not only of one document in it, are damaged [DU4]; the message names
 * their directory.
 */
final class DamagedStoreException extends IOException {
  private static final long serialVersionUID = 1L;

  DamagedStoreException(String what) {
    super(what);
  }

  DamagedStoreException(String what, Throwable cause) {
    super(what, cause);
  }
}
