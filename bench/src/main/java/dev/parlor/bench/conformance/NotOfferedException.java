package dev.parlor.bench.conformance;

/** Ends a check: the rule is about an optional feature, and the server does not offer it. */
final class NotOfferedException extends RuntimeException {

  private static final long serialVersionUID = 1L;

  NotOfferedException(String reason) {
    super(reason);
  }
}
