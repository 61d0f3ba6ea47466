package dev.parlor.relay.policy;

/** A value of a policy file is invalid. The message is the end of a sentence about the value. */
final class PolicySyntaxException extends Exception {
  private static final long serialVersionUID = 1L;

  PolicySyntaxException(String message) {
    super(message);
  }
}
