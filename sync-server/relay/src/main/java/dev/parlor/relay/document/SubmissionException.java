package dev.parlor.relay.document;

/** Thrown when the server's own changes were not admitted; the message begins with the rule id. */
public final class SubmissionException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  private final String rule;

  public SubmissionException(String rule, String reason) {
    super("[" + rule + "] " + reason);
    this.rule = rule;
  }

  public SubmissionException(String rule, String reason, Throwable cause) {
    super("[" + rule + "] " + reason, cause);
    this.rule = rule;
  }

  /** The id of the rule that refuses the changes. */
  public String rule() {
    return rule;
  }
}
