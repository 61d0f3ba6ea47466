package dev.parlor.bench.conformance;

/**
 * Ends a check: the rule is about an optional feature, and the server leaves it out without harm.
 */
final class NotOfferedException extends RuntimeException {

  private static final long serialVersionUID = 1L;

  NotOfferedException(String reason) {
    super(reason);
  }
}
