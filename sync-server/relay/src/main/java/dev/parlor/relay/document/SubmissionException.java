package dev.parlor.relay.document;

/** Thrown when the server's own changes were not admitted; the message begins with the rule id. */
public final class SubmissionException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  public SubmissionException(String rule, String reason) {
    super("[" + rule + "] " + reason);
  }

  public SubmissionException(String rule, String reason, Throwable cause) {
    super("[" + rule + "] " + reason, cause);
  }
}
