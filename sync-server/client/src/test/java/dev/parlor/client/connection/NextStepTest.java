package dev.parlor.client.connection;

import static org.junit.jupiter.api.Assertions.assertEquals;

import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What follows each close code of {@code docs/protocol.md}, and each refused upgrade. */
class NextStepTest {

  @ParameterizedTest(name = "{0} with a fixed address: {1}, with a supplied one: {2}")
  @CsvSource({
    "1000, RETRY, RETRY",
    "1001, RETRY, RETRY",
    "1006, RETRY, RETRY",
    "1008, RETRY, RETRY",
    "1011, RETRY, RETRY",
    "1012, RETRY, RETRY",
    "1013, RETRY_LATER, RETRY_LATER",
    "4001, RETRY, RETRY",
    "4002, STOP, NEW_ADDRESS",
    "4400, STOP, STOP",
    "4403, STOP, STOP",
    "4405, STOP, STOP",
    "4409, STOP, STOP",
    "4422, STOP, STOP",
    "4500, RETRY, RETRY",
  })
  @DisplayName("each close code has its next step")
  void closeCodes(int code, NextStep fixed, NextStep supplied) {
    var end = new ConnectionEnd.Closed(code, "");
    assertEquals(fixed, NextStep.after(end, true));
    assertEquals(supplied, NextStep.after(end, false));
  }

  @ParameterizedTest(name = "HTTP {0} with a fixed address: {1}, with a supplied one: {2}")
  @CsvSource({
    "401, STOP, RETRY_LATER",
    "403, STOP, RETRY_LATER",
    "404, STOP, RETRY_LATER",
    "429, RETRY_LATER, RETRY_LATER",
    "500, RETRY, RETRY",
    "502, RETRY, RETRY",
    "503, RETRY_LATER, RETRY_LATER",
  })
  @DisplayName("each status of a refused upgrade has its next step")
  void statuses(int status, NextStep fixed, NextStep supplied) {
    assertEquals(fixed, NextStep.after(new ConnectionEnd.Refused(status), true));
    assertEquals(supplied, NextStep.after(new ConnectionEnd.Refused(status), false));
  }
}
