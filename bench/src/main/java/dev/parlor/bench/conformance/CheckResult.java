package dev.parlor.bench.conformance;

/** The result of one conformance check of a server. */
sealed interface CheckResult {

  /**
   * The server follows the rule.
   *
   * @param detail a measured value or another remark for the report; may be empty
   */
  record Passed(String detail) implements CheckResult {}

  /** The server breaks the rule. The texts describe the expected and the seen behaviour. */
  record Failed(String expected, String seen) implements CheckResult {}

  /** The rule is about an optional feature that the server does not offer. */
  record NotOffered(String reason) implements CheckResult {}
}
