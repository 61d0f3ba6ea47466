package dev.parlor.apps.api;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import dev.parlor.apps.limits.AppLimits;
import dev.parlor.apps.rate.RequestRates;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/** The rates of requests, over both transports. The clock stands still until the test moves it. */
class ApiRatesTest {
  private static final int PER_USER = 1;
  private static final int PER_ADDRESS = 4;
  private static final int USER_BURST = PER_USER * AppLimits.RATE_BURST_SECONDS;
  private static final int ADDRESS_BURST = PER_ADDRESS * AppLimits.RATE_BURST_SECONDS;

  private final ApiServer server = new ApiServer(new RequestRates.Limits(PER_USER, PER_ADDRESS));
  private final ApiCalls calls = new ApiCalls(server);

  ApiRatesTest() throws Exception {}

  @AfterEach
  void close() {
    calls.close();
    server.close();
  }

  private static String list(String tid, String user) throws Exception {
    return BadInputContract.enveloped(tid, "req-list-recent-vibes", "{}", user);
  }

  private static String code(JsonNode answer) {
    return answer.path("payload").path("code").asText("");
  }

  @Test
  @DisplayName(
      "a user above its rate is refused on both transports until the time that the answer says; another user is served")
  void ofUser() throws Exception {
    for (var i = 0; i < USER_BURST / 2; i++) {
      assertEquals(200, calls.http(list("h" + i, "ada")).statusCode());
      assertEquals("", code(calls.socket(list("s" + i, "ada"))));
    }
    var refused = calls.http(list("t1", "ada"));
    assertEquals(429, refused.statusCode(), refused.body());
    assertEquals(Optional.of("1"), refused.headers().firstValue("Retry-After"));
    for (var answer : List.of(ApiCalls.json(refused), calls.socket(list("t1", "ada")))) {
      assertEquals("t1", answer.path("tid").asText());
      assertEquals("too-many-requests", code(answer));
      assertEquals(1, answer.path("payload").path("retryAfter").asInt());
      var message = answer.path("payload").path("error").path("message").asText();
      assertTrue(message.contains("one user; try again in 1 s"), message);
    }
    assertEquals("", code(calls.socket(list("t2", "bob"))));

    server.nanoTime.addAndGet(Duration.ofSeconds(1).toNanos());
    assertEquals("", code(calls.socket(list("t3", "ada"))));
    assertEquals("too-many-requests", code(calls.socket(list("t4", "ada"))));
  }

  @Test
  @DisplayName(
      "requests with wrong tokens count for their address, and above its rate no token is read")
  void ofAddress() throws Exception {
    var wrong = list("t1", "ada").replace("good-ada", "wrong");
    for (var i = 0; i < ADDRESS_BURST; i++) {
      assertEquals("bad-token", code(calls.socket(wrong)));
    }
    var users = List.of(list("t2", "ada"), list("t2", "bob"), "no json");
    for (var message : users) {
      var refused = calls.http(message);
      assertEquals(message.equals("no json") ? 400 : 429, refused.statusCode(), refused.body());
      assertTrue(code(calls.socket(message)).matches("too-many-requests|invalid-request"));
    }
    assertTrue(server.answered.stream().allMatch(request -> request.userId().isEmpty()));

    server.nanoTime.addAndGet(Duration.ofSeconds(1).toNanos());
    for (var i = 0; i < PER_ADDRESS; i++) {
      assertEquals("", code(calls.socket(list("t3", "ada"))));
    }
    assertEquals("too-many-requests", code(calls.socket(list("t4", "ada"))));
  }

  @Test
  @DisplayName(
      "a message above the rate of its address is not read if it is large; its answer has an empty tid")
  void largeMessage() throws Exception {
    for (var i = 0; i < ADDRESS_BURST; i++) {
      calls.socket(list("t1", "user-" + i));
    }
    var large = list("t2", "x".repeat(AppLimits.REFUSED_READ_BYTES_MAX));
    var answer = calls.socket(large);
    assertEquals("too-many-requests", code(answer));
    assertEquals("", answer.path("tid").asText("-"));
  }
}
