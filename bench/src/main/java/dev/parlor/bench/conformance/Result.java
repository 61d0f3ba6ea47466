package dev.parlor.bench.conformance;

/** The result of a check. */
sealed interface Result {

  record Passed(String detail) implements Result {}

  record Failed(String expected, String seen) implements Result {}

  record Missing(String sentence) implements Result {}
}
