package dev.parlor.server.admission;

/** Whether changes may enter a document. */
public sealed interface Verdict {

  /** They may. */
  record Admitted() implements Verdict {}

  /** The caller is not allowed to; the session ends with 4403. */
  record Forbidden(String rule, String reason) implements Verdict {}

  /** They exceed a limit; the session ends with 4422. */
  record Excessive(String rule, String reason) implements Verdict {}

  Verdict ADMITTED = new Admitted();
}
