package dev.parlor.relay.admission;

/** The outcome of checking changes. */
public sealed interface Verdict {

  /** The changes may be added. */
  record Admitted() implements Verdict {}

  /** The caller may not add them; the session ends with 4403. */
  record Forbidden(String rule, String reason) implements Verdict {}

  /** The changes exceed a limit; the session ends with 4422. */
  record Excessive(String rule, String reason) implements Verdict {}

  Verdict ADMITTED = new Admitted();
}
