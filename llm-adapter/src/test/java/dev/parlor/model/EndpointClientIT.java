package dev.parlor.model;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.parlor.model.Endpoint.Limits;
import dev.parlor.model.Endpoint.Timeouts;
import dev.parlor.model.ModelEvent.Usage;
import dev.parlor.model.ModelRequest.Message;
import java.time.Duration;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.concurrent.TimeUnit;
import mockwebserver3.MockResponse;
import mockwebserver3.MockWebServer;
import mockwebserver3.RecordedRequest;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Tests the client with an HTTP server that sends valid and invalid answers, as providers do. */
class EndpointClientIT {
  private static final ModelRequest REQUEST =
      new ModelRequest(
          "",
          List.of(new Message("system", "Be brief"), new Message("user", "Hi")),
          OptionalInt.of(50));
  private static final Limits LIMITS =
      new Limits(3, Duration.ofMillis(1), Duration.ofSeconds(2), 4096, 20_000, 1024);

  private final MockWebServer server = new MockWebServer();
  private final ModelTimer timer = ModelTimer.onThread("test-timer");

  @BeforeEach
  void start() throws Exception {
    server.start();
  }

  @AfterEach
  void stop() {
    server.close();
    timer.close();
  }

  private RecordedEvents call(String baseUrl) {
    var settings = Endpoint.openAi(baseUrl, "sk-secret", "small-model", Timeouts.DEFAULT, LIMITS);
    RecordedEvents events = new RecordedEvents();
    new EndpointClient(settings, timer).start(REQUEST, events);
    return events;
  }

  private RecordedEvents call() {
    return call(server.url("/v1").toString());
  }

  private static MockResponse stream(String... events) {
    StringBuilder body = new StringBuilder();
    for (String event : events) {
      body.append("data: ").append(event).append("\n\n");
    }
    return new MockResponse.Builder()
        .addHeader("Content-Type", "text/event-stream; charset=utf-8")
        .body(body.toString())
        .build();
  }

  private static String delta(String text) {
    return "{\"choices\":[{\"index\":0,\"delta\":{\"content\":\"" + text + "\"}}]}";
  }

  @DisplayName("a streamed answer gives its text, then its end with the token usage")
  @Test
  void streamedAnswerWithUsage() throws Exception {
    server.enqueue(
        stream(
            "{\"choices\":[{\"delta\":{\"role\":\"assistant\",\"content\":\"\"}}]}",
            delta("Hel"),
            delta("lo"),
            "{\"choices\":[{\"delta\":{},\"finish_reason\":\"stop\"}]}",
            "{\"choices\":[],\"usage\":{\"prompt_tokens\":123,\"completion_tokens\":45}}",
            "[DONE]"));
    RecordedEvents events = call();
    assertEquals(
        new ModelEvent.Done(Optional.of(new Usage(123, 45)), ModelEnding.COMPLETE, ""),
        events.done());
    assertEquals("Hello", events.text());
    assertEquals(3, events.count());
  }

  @DisplayName("a request has the method, path, headers and JSON fields of OpenAI's interface")
  @Test
  void requestFollowsTheInterface() throws Exception {
    server.enqueue(stream(delta("x"), "[DONE]"));
    call().done();
    RecordedRequest request = server.takeRequest();
    assertEquals("POST", request.getMethod());
    assertEquals("/v1/chat/completions", request.getUrl().encodedPath());
    assertEquals("Bearer sk-secret", request.getHeaders().get("Authorization"));
    JsonNode body = new ObjectMapper().readTree(Objects.requireNonNull(request.getBody()).utf8());
    assertEquals("small-model", body.path("model").asText());
    assertEquals("Hi", body.path("messages").path(1).path("content").asText());
    assertTrue(body.path("stream").asBoolean());
    assertTrue(body.path("stream_options").path("include_usage").asBoolean());
    assertEquals(50, body.path("max_tokens").asInt());
  }

  @DisplayName("one hundred answers, one after the other, use at most two connections")
  @Test
  void connectionsAreUsedAgain() throws Exception {
    var settings =
        Endpoint.openAi(
            server.url("/v1").toString(), "sk-secret", "small-model", Timeouts.DEFAULT, LIMITS);
    try (var client = new EndpointClient(settings, timer)) {
      var connections = new HashSet<Integer>();
      for (int i = 0; i < 100; i++) {
        server.enqueue(stream(delta("x"), "[DONE]"));
        RecordedEvents events = new RecordedEvents();
        client.start(REQUEST, events);
        events.done();
        connections.add(server.takeRequest().getConnectionIndex());
      }
      assertTrue(connections.size() <= 2, connections.toString());
    }
  }

  @DisplayName("with an empty key a request has no Authorization header")
  @Test
  void emptyKeySendsNoHeader() throws Exception {
    server.enqueue(stream(delta("x"), "[DONE]"));
    RecordedEvents events = new RecordedEvents();
    new EndpointClient(Endpoint.openAi(server.url("/").toString(), "", "m"), timer)
        .start(REQUEST, events);
    events.done();
    assertNull(server.takeRequest().getHeaders().get("Authorization"));
  }

  @DisplayName("an answer that an endpoint sends as one JSON body, without streaming, is read")
  @Test
  void answerWithoutStreamingIsRead() throws Exception {
    server.enqueue(
        new MockResponse.Builder()
            .addHeader("Content-Type", "application/json")
            .body(
                "{\"choices\":[{\"message\":{\"content\":\"whole\"},\"finish_reason\":\"stop\"}]}")
            .build());
    RecordedEvents events = call();
    events.done();
    assertEquals("whole", events.text());
  }

  @DisplayName(
      "an error event in the stream fails the call without a retry; the key is masked and earlier text is kept")
  @Test
  void errorInStreamFailsTheCall() throws Exception {
    server.enqueue(stream(delta("part"), "{\"error\":{\"message\":\"overloaded, sk-secret\"}}"));
    RecordedEvents events = call();
    assertEquals("the model said: overloaded, ***", events.failed().reason());
    assertEquals("part", events.text());
    assertEquals(1, server.getRequestCount());
  }

  @DisplayName(
      "an HTTP 401 fails the call without a retry; the reason is the provider's message with the key masked")
  @Test
  void httpErrorReportsMessageWithoutKey() throws Exception {
    server.enqueue(
        new MockResponse.Builder()
            .code(401)
            .body("{\"error\":{\"message\":\"Incorrect API key provided: sk-secret\"}}")
            .build());
    ModelEvent.Failed failed = call().failed();
    assertEquals(
        "the model endpoint answered 401: Incorrect API key provided: ***", failed.reason());
    assertFalse(failed.retryable());
    assertEquals(1, server.getRequestCount());
  }

  @DisplayName(
      "a busy endpoint is retried up to the maximum number of attempts, then the call fails with its message")
  @ParameterizedTest
  @ValueSource(ints = {429, 500, 502, 503, 504, 522, 529})
  void busyEndpointIsRetriedUpToTheLimit(int code) throws Exception {
    for (int i = 0; i < 5; i++) {
      server.enqueue(new MockResponse.Builder().code(code).body("{\"error\":\"busy\"}").build());
    }
    assertEquals("the model endpoint answered " + code + ": busy", call().failed().reason());
    assertEquals(3, server.getRequestCount());
  }

  @DisplayName(
      "if the second attempt succeeds after a 503, the call tells the reason and the pause, and gives its answer")
  @Test
  void secondAttemptCanSucceed() throws Exception {
    server.enqueue(new MockResponse.Builder().code(503).addHeader("Retry-After", "1").build());
    server.enqueue(stream(delta("ok"), "[DONE]"));
    RecordedEvents events = call();
    events.done();
    assertEquals("ok", events.text());
    assertEquals(
        List.of(
            new ModelEvent.Retry(
                "the model endpoint answered 503; it asks to try again in 1 s",
                Duration.ofSeconds(1))),
        events.retries());
  }

  @DisplayName(
      "a Retry-After above the limit fails the call without a retry; the reason contains the seconds")
  @Test
  void longRetryAfterEndsTheCall() throws Exception {
    server.enqueue(new MockResponse.Builder().code(429).addHeader("Retry-After", "3600").build());
    assertEquals(
        "the model endpoint answered 429; it asks to try again in 3600 s",
        call().failed().reason());
    assertEquals(1, server.getRequestCount());
  }

  @DisplayName(
      "a redirect fails the call and its target is told without its query; the client does not contact the target")
  @ParameterizedTest
  @ValueSource(ints = {301, 302, 307, 308})
  void redirectsAreNotFollowed(int code) throws Exception {
    try (MockWebServer redirectTarget = new MockWebServer()) {
      redirectTarget.start();
      redirectTarget.enqueue(stream(delta("leaked"), "[DONE]"));
      server.enqueue(
          new MockResponse.Builder()
              .code(code)
              .addHeader("Location", redirectTarget.url("/v1/chat/completions?sig=1").toString())
              .build());
      assertEquals(
          "the model endpoint answered "
              + code
              + ": it has moved to "
              + redirectTarget.url("/v1/chat/completions")
              + "; change its URL",
          call().failed().reason());
      assertEquals(0, redirectTarget.getRequestCount());
    }
  }

  @DisplayName("a refused connection fails the call as retryable, with a reason that says so")
  @Test
  void refusedConnectionIsReported() throws Exception {
    String url = server.url("/").toString();
    server.close();
    ModelEvent.Failed failed = call(url).failed();
    assertEquals("the model endpoint refused the connection", failed.reason());
    assertTrue(failed.retryable());
  }

  @DisplayName("an HTML page instead of a stream fails the call; the reason says so")
  @Test
  void webPageFailsTheCall() throws Exception {
    server.enqueue(
        new MockResponse.Builder()
            .addHeader("Content-Type", "text/html")
            .body("<html>hello</html>")
            .build());
    assertEquals(
        "the model endpoint answered with a web page; its URL may be wrong",
        call().failed().reason());
  }

  @ParameterizedTest
  @DisplayName("an event with incomplete JSON fails the call; earlier text is kept")
  @ValueSource(strings = {"{\"choices\":[{\"delta\":{\"content\":\"x", "{]", "{"})
  void invalidEventFailsTheCall(String invalidEvent) throws Exception {
    server.enqueue(stream(delta("part"), invalidEvent));
    RecordedEvents events = call();
    assertTrue(events.failed().reason().startsWith("the model sent "), events.failed().reason());
    assertEquals("part", events.text());
  }

  @DisplayName(
      "a stream that ends before the answer's end fails the call, with and without earlier text")
  @Test
  void earlyEndFailsTheCall() throws Exception {
    server.enqueue(stream(delta("part")));
    assertEquals(
        "the connection to the model broke in the middle of the answer", call().failed().reason());
    server.enqueue(stream());
    assertEquals(
        "the model endpoint closed the connection without an answer", call().failed().reason());
  }

  @DisplayName(
      "an answer above the character limit fails the call; the text up to the limit is kept")
  @Test
  void longAnswerFailsTheCall() throws Exception {
    String[] deltas = new String[40];
    Arrays.fill(deltas, delta("x".repeat(1000)));
    server.enqueue(stream(deltas));
    RecordedEvents events = call();
    assertEquals("the model sent an answer longer than 20000 characters", events.failed().reason());
    assertEquals(20_000, events.text().length());
  }

  @DisplayName(
      "an error body of 5 MB fails the call with its status and a short beginning of the body")
  @Test
  void errorBodyIsReadUpToTheLimit() throws Exception {
    server.enqueue(new MockResponse.Builder().code(400).body("x".repeat(5_000_000)).build());
    assertEquals(
        "the model endpoint answered 400: " + "x".repeat(299) + "…", call().failed().reason());
  }

  @DisplayName("closing the client closes the connections of its running calls")
  @Test
  void closingTheClientClosesConnections() throws Exception {
    try (RawServer raw =
        new RawServer(
            exchange -> {
              exchange.head("200 OK", "text/event-stream");
              exchange.event(delta("a"));
              exchange.awaitClose();
            })) {
      EndpointClient client = new EndpointClient(Endpoint.openAi(raw.url(), "", "m"), timer);
      RecordedEvents events = new RecordedEvents();
      client.start(REQUEST, events);
      events.firstText.get(20, TimeUnit.SECONDS);
      client.close();
      raw.scriptEnd.get(20, TimeUnit.SECONDS);
    }
  }
}
