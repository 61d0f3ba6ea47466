package dev.parlor.relay.admission;

/**
 * The outcome of checking changes. A refusal closes the connection only if the connection's kind
 * requires that, or after refusals in too many documents.
 */
public sealed interface Verdict {

  /** The changes may be added. */
  record Admitted() implements Verdict {}

  /** The caller may not add the changes. If the connection is closed, the code is 4403. */
  record Forbidden(String rule, String reason) implements Verdict {}

  /** The changes exceed a limit. If the connection is closed, the code is 4422. */
  record Excessive(String rule, String reason) implements Verdict {}

  Verdict ADMITTED = new Admitted();
}
