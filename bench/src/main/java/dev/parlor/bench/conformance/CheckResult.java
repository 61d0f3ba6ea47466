package dev.parlor.bench.conformance;

/** The result of a check. */
sealed interface CheckResult {

  record Passed(String detail) implements CheckResult {}

  record Failed(String expected, String seen) implements CheckResult {}

  record NotOffered(String reason) implements CheckResult {}
}
