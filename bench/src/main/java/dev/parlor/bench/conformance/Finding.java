package dev.parlor.bench.conformance;

/** Ends a check: the server broke the rule. */
final class Finding extends RuntimeException {

  private static final long serialVersionUID = 1L;

  private final String expected;
  private final String seen;

  Finding(String expected, String seen) {
    super("expected " + expected + "; seen " + seen);
    this.expected = expected;
    this.seen = seen;
  }

  String expected() {
    return expected;
  }

  String seen() {
    return seen;
  }
}
