package dev.parlor.bench.conformance;

/** What a check came to. */
sealed interface Result {

  record Passed(String detail) implements Result {}

  record Failed(String expected, String seen) implements Result {}

  record Missing(String sentence) implements Result {}
}
