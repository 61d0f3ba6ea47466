package dev.parlor.client.peer;

/** A wrong command line. The message names the argument and what to give instead. */
final class UsageException extends Exception {
  private static final long serialVersionUID = 1L;

  UsageException(String message) {
    super(message);
  }
}
