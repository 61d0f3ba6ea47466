package dev.parlor.crdt.wire;

/** Says inside this package that input is not what it should be; never leaves it, has no stack. */
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
