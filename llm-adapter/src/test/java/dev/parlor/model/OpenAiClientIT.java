package dev.parlor.model;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.parlor.model.ModelEvent.Usage;
import dev.parlor.model.ModelRequest.Message;
import dev.parlor.model.OpenAiSettings.Limits;
import dev.parlor.model.OpenAiSettings.Timeouts;
import java.time.Duration;
import java.util.Arrays;
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
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The client against an HTTP server that answers as providers do, well and badly. */
class OpenAiClientIT {
  private static final ModelRequest REQUEST =
      new ModelRequest(
          "",
          List.of(new Message("system", "Be brief"), new Message("user", "Hi")),
          OptionalInt.of(50));
  private static final Limits QUICK =
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
    var settings = new OpenAiSettings(baseUrl, "sk-secret", "small-model", Timeouts.DEFAULT, QUICK);
    RecordedEvents heard = new RecordedEvents();
    new OpenAiClient(settings, timer).start(REQUEST, heard);
    return heard;
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

  @Test
  void streamsAnAnswerWithItsUsage() throws Exception {
    server.enqueue(
        stream(
            "{\"choices\":[{\"delta\":{\"role\":\"assistant\",\"content\":\"\"}}]}",
            delta("Hel"),
            delta("lo"),
            "{\"choices\":[{\"delta\":{},\"finish_reason\":\"stop\"}]}",
            "{\"choices\":[],\"usage\":{\"prompt_tokens\":123,\"completion_tokens\":45}}",
            "[DONE]"));
    RecordedEvents heard = call();
    assertEquals(
        new ModelEvent.Done(Optional.of(new Usage(123, 45)), Ending.COMPLETE, ""), heard.done());
    assertEquals("Hello", heard.text());
    assertEquals(3, heard.count());
  }

  @Test
  void asksAsTheInterfaceSays() throws Exception {
    server.enqueue(stream(delta("x"), "[DONE]"));
    call().done();
    RecordedRequest seen = server.takeRequest();
    assertEquals("POST", seen.getMethod());
    assertEquals("/v1/chat/completions", seen.getUrl().encodedPath());
    assertEquals("Bearer sk-secret", seen.getHeaders().get("Authorization"));
    JsonNode body = new ObjectMapper().readTree(Objects.requireNonNull(seen.getBody()).utf8());
    assertEquals("small-model", body.path("model").asText());
    assertEquals("Hi", body.path("messages").path(1).path("content").asText());
    assertTrue(body.path("stream").asBoolean());
    assertTrue(body.path("stream_options").path("include_usage").asBoolean());
    assertEquals(50, body.path("max_tokens").asInt());
  }

  @Test
  void anEmptyKeySendsNoHeader() throws Exception {
    server.enqueue(stream(delta("x"), "[DONE]"));
    RecordedEvents heard = new RecordedEvents();
    new OpenAiClient(new OpenAiSettings(server.url("/").toString(), "", "m"), timer)
        .start(REQUEST, heard);
    heard.done();
    assertNull(server.takeRequest().getHeaders().get("Authorization"));
  }

  @Test
  void anEndpointThatDoesNotStreamIsUnderstoodToo() throws Exception {
    server.enqueue(
        new MockResponse.Builder()
            .addHeader("Content-Type", "application/json")
            .body(
                "{\"choices\":[{\"message\":{\"content\":\"whole\"},\"finish_reason\":\"stop\"}]}")
            .build());
    RecordedEvents heard = call();
    heard.done();
    assertEquals("whole", heard.text());
  }

  @Test
  void anErrorInsideTheStreamIsTold() throws Exception {
    server.enqueue(stream(delta("part"), "{\"error\":{\"message\":\"overloaded, sk-secret\"}}"));
    RecordedEvents heard = call();
    assertEquals("the model said: overloaded, ***", heard.failed().reason());
    assertEquals("part", heard.text());
    assertEquals(1, server.getRequestCount());
  }

  @Test
  void anHttpErrorCarriesTheProvidersWordsButNeverTheKey() throws Exception {
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

  @ParameterizedTest
  @ValueSource(ints = {429, 500, 502, 503, 504})
  void busyEndpointsAreAskedAgainWithinABound(int code) throws Exception {
    for (int i = 0; i < 5; i++) {
      server.enqueue(new MockResponse.Builder().code(code).body("{\"error\":\"busy\"}").build());
    }
    assertEquals("the model endpoint answered " + code + ": busy", call().failed().reason());
    assertEquals(3, server.getRequestCount());
  }

  @Test
  void aSecondAttemptThatAnswersIsAnAnswer() throws Exception {
    server.enqueue(new MockResponse.Builder().code(503).addHeader("Retry-After", "1").build());
    server.enqueue(stream(delta("ok"), "[DONE]"));
    RecordedEvents heard = call();
    heard.done();
    assertEquals("ok", heard.text());
  }

  @Test
  void aLongRetryAfterIsNotWaitedFor() throws Exception {
    server.enqueue(new MockResponse.Builder().code(429).addHeader("Retry-After", "3600").build());
    assertEquals(
        "the model endpoint answered 429; it asks to try again in 3600 s",
        call().failed().reason());
    assertEquals(1, server.getRequestCount());
  }

  @ParameterizedTest
  @ValueSource(ints = {301, 302, 307, 308})
  void redirectsAreNotFollowed(int code) throws Exception {
    try (MockWebServer elsewhere = new MockWebServer()) {
      elsewhere.start();
      elsewhere.enqueue(stream(delta("leaked"), "[DONE]"));
      server.enqueue(
          new MockResponse.Builder()
              .code(code)
              .addHeader("Location", elsewhere.url("/v1/chat/completions").toString())
              .build());
      assertEquals("the model endpoint answered " + code, call().failed().reason());
      assertEquals(0, elsewhere.getRequestCount());
    }
  }

  @Test
  void nobodyListeningIsSaidPlainly() throws Exception {
    String url = server.url("/").toString();
    server.close();
    ModelEvent.Failed failed = call(url).failed();
    assertEquals("the model endpoint refused the connection", failed.reason());
    assertTrue(failed.retryable());
  }

  @Test
  void aWebPageIsNoAnswer() throws Exception {
    server.enqueue(
        new MockResponse.Builder()
            .addHeader("Content-Type", "text/html")
            .body("<html>hello</html>")
            .build());
    assertEquals(
        "the model endpoint answered with text/html, not a stream", call().failed().reason());
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"{\"choices\":[{\"delta\":{\"content\":\"x", "[]", "7", "{}", "{]", "nul"})
  void nonsenseInsideTheStreamFailsTheCall(String nonsense) throws Exception {
    server.enqueue(stream(delta("part"), nonsense));
    RecordedEvents heard = call();
    assertTrue(heard.failed().reason().startsWith("the model sent "), heard.failed().reason());
    assertEquals("part", heard.text());
  }

  @Test
  void aStreamThatEndsEarlyIsNoAnswer() throws Exception {
    server.enqueue(stream(delta("part")));
    assertEquals(
        "the connection to the model broke in the middle of the answer", call().failed().reason());
    server.enqueue(stream());
    assertEquals(
        "the model endpoint closed the connection without an answer", call().failed().reason());
  }

  @Test
  void anAnswerThatNeverEndsIsCutOff() throws Exception {
    String[] events = new String[40];
    Arrays.fill(events, delta("x".repeat(1000)));
    server.enqueue(stream(events));
    RecordedEvents heard = call();
    assertEquals("the model sent an answer longer than 20000 characters", heard.failed().reason());
    assertEquals(20_000, heard.text().length());
  }

  @Test
  void anErrorPageOfAnyLengthIsReadOnlyToItsBound() throws Exception {
    server.enqueue(new MockResponse.Builder().code(400).body("x".repeat(5_000_000)).build());
    assertEquals("the model endpoint answered 400", call().failed().reason());
  }

  @Test
  void closingTheClientEndsItsCalls() throws Exception {
    try (RawServer raw =
        new RawServer(
            exchange -> {
              exchange.head("200 OK", "text/event-stream");
              exchange.event(delta("a"));
              exchange.awaitClose();
            })) {
      OpenAiClient client = new OpenAiClient(new OpenAiSettings(raw.url(), "", "m"), timer);
      RecordedEvents heard = new RecordedEvents();
      client.start(REQUEST, heard);
      heard.firstText.get(20, TimeUnit.SECONDS);
      client.close();
      raw.answered.get(20, TimeUnit.SECONDS);
    }
  }
}
