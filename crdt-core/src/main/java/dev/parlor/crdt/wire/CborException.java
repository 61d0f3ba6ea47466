package dev.parlor.crdt.wire;

/**
 * Signals malformed input inside this package. It is never thrown out of the package and has no
 * stack trace.
 */
final class CborException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  private final String rule;

  CborException(String rule, String reason) {
    super(reason, null, false, false);
    this.rule = rule;
  }

  String rule() {
    return rule;
  }

  String reason() {
    return String.valueOf(getMessage());
  }
}
