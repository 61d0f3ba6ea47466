package dev.parlor.bench.conformance;

/**
 * Ends a check: the rule is about an optional feature, and the server leaves it out without harm.
 */
final class NotOffered extends RuntimeException {

  private static final long serialVersionUID = 1L;

  NotOffered(String sentence) {
    super(sentence);
  }
}
