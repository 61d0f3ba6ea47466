package dev.parlor.relay.storage;

import java.io.IOException;

/**
 * A conditional write of a {@link RecordTable} was not stored, because another node had changed the
 * record. A later read shows the other node's value, so the writer can decide again.
 */
public final class ConflictException extends IOException {
  private static final long serialVersionUID = 1L;

  public ConflictException(String message) {
    super(message);
  }
}
