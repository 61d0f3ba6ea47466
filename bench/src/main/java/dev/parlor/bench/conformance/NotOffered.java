package dev.parlor.bench.conformance;

/**
 * Ends a check: the rule is about something that a server may leave out, and this one does, without
 * harm.
 */
final class NotOffered extends RuntimeException {

  private static final long serialVersionUID = 1L;

  NotOffered(String sentence) {
    super(sentence);
  }
}
