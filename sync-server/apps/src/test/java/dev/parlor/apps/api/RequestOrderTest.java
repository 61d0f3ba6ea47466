package dev.parlor.apps.api;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.parlor.apps.rate.RequestRates;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class RequestOrderTest {

  @ParameterizedTest(name = "{0} {1} {2}: {3}")
  @CsvSource({
    "req-open-chat, wrong, prod, unknown-type",
    "req-ensure-app-slug, wrong, prod, bad-token",
    "req-ensure-app-slug, good-ada, prod, invalid-request",
    "req-ensure-app-slug, good-ada, dev, app-slug-invalid"
  })
  @DisplayName(
      "of several faults in a request, the type is reported first, then the user, the fields, and the app")
  void firstFault(String type, String token, String mode, String code) throws Exception {
    var message =
        BadInputContract.enveloped(
                "t1", type, "{\"mode\":\"" + mode + "\",\"fileSystem\":[]}", "ada")
            .replace("good-ada", token);
    try (var server = new ApiServer(RequestRates.Limits.NONE);
        var calls = new ApiCalls(server)) {
      assertEquals(code, calls.socket(message).path("payload").path("error").path("code").asText());
      assertEquals(
          code,
          ApiCalls.json(calls.http(message)).path("payload").path("error").path("code").asText());
    }
  }
}
