package dev.parlor.model;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.parlor.model.Endpoint.Limits;
import dev.parlor.model.Endpoint.Timeouts;
import dev.parlor.model.ModelRequest.Message;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.OptionalInt;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/** Tests the client with raw sockets: single bytes, silence, endless lines, closed connections. */
class EndpointSocketIT {
  private static final ModelRequest REQUEST =
      new ModelRequest("m", List.of(new Message("user", "Hi")), OptionalInt.empty());
  private static final Duration LONG_TIMEOUT = Duration.ofSeconds(30);

  private final ModelTimer timer = ModelTimer.onThread("test-timer");

  @AfterEach
  void stop() {
    timer.close();
  }

  private ModelCall call(RawServer server, Timeouts timeouts, RecordedEvents events) {
    var limits = new Limits(2, Duration.ofMillis(1), Duration.ofSeconds(1), 4096, 20_000, 1024);
    return new EndpointClient(Endpoint.openAi(server.url(), "", "m", timeouts, limits), timer)
        .start(REQUEST, events);
  }

  private static Timeouts timeouts(int firstTokenMillis, int betweenTokensMillis, int totalMillis) {
    return new Timeouts(
        Duration.ofMillis(200),
        Duration.ofMillis(firstTokenMillis),
        Duration.ofMillis(betweenTokensMillis),
        Duration.ofMillis(totalMillis));
  }

  private static String delta(String text) {
    return "{\"choices\":[{\"delta\":{\"content\":\"" + text + "\"}}]}";
  }

  @DisplayName(
      "a stream that arrives in single bytes, even inside a character, gives the same text")
  @Test
  void singleBytesAreReassembled() throws Exception {
    String text = "naïve 漢字 😀 — done";
    try (RawServer server =
        new RawServer(
            exchange -> {
              exchange.socket().setTcpNoDelay(true);
              exchange.head("200 OK", "text/event-stream");
              String wire = ": ping\r\n\r\ndata: " + delta(text) + "\r\n\r\ndata: [DONE]\r\n\r\n";
              for (byte b : wire.getBytes(StandardCharsets.UTF_8)) {
                exchange.write(new byte[] {b});
              }
            })) {
      RecordedEvents events = new RecordedEvents();
      call(server, Timeouts.DEFAULT, events);
      events.done();
      assertEquals(text, events.text());
    }
  }

  @DisplayName("a cancel after the first text closes the connection; no event and no retry follow")
  @Test
  void cancelAfterTheFirstText() throws Exception {
    try (RawServer server =
        new RawServer(
            exchange -> {
              exchange.head("200 OK", "text/event-stream");
              exchange.event(delta("first"));
              exchange.awaitClose();
            })) {
      RecordedEvents events = new RecordedEvents();
      ModelCall call = call(server, Timeouts.DEFAULT, events);
      events.firstText.get(20, TimeUnit.SECONDS);
      call.cancel();
      server.scriptEnd.get(20, TimeUnit.SECONDS);
      call.cancel();
      assertFalse(events.hasEnded());
      assertEquals(1, server.connections.get());
    }
  }

  @DisplayName("a cancel before the first text closes the connection; no event follows")
  @Test
  void cancelBeforeTheFirstText() throws Exception {
    try (RawServer server = new RawServer(RawServer.Exchange::awaitClose)) {
      RecordedEvents events = new RecordedEvents();
      ModelCall call = call(server, Timeouts.DEFAULT, events);
      server.firstExchange.get(20, TimeUnit.SECONDS);
      call.cancel();
      server.scriptEnd.get(20, TimeUnit.SECONDS);
      assertFalse(events.hasEnded());
    }
  }

  @DisplayName("silence before the first text fails the call after the timeout, without a retry")
  @Test
  void silenceBeforeTheFirstText() throws Exception {
    try (RawServer server =
        new RawServer(
            exchange -> {
              exchange.head("200 OK", "text/event-stream");
              exchange.write(": still here\n\n");
              exchange.awaitClose();
            })) {
      RecordedEvents events = new RecordedEvents();
      call(server, timeouts(100, 30_000, 30_000), events);
      assertEquals("the model gave no first word within 300 ms", events.failed().reason());
      server.scriptEnd.get(20, TimeUnit.SECONDS);
      assertEquals(1, server.connections.get());
    }
  }

  @DisplayName(
      "an answer is complete 5 s after its finish reason if the endpoint leaves the connection open")
  @Test
  void connectionStaysOpenAfterTheAnswer() throws Exception {
    var manual = new ManualTimer();
    try (RawServer server =
            new RawServer(
                exchange -> {
                  exchange.head("200 OK", "text/event-stream");
                  exchange.event(
                      "{\"choices\":[{\"delta\":{\"content\":\"all\"},\"finish_reason\":\"stop\"}]}");
                  exchange.awaitClose();
                });
        var client = new EndpointClient(Endpoint.openAi(server.url(), "", "m"), manual)) {
      RecordedEvents events = new RecordedEvents();
      client.start(REQUEST, events);
      events.firstText.get(20, TimeUnit.SECONDS);
      manual.advance(EndpointCall.AFTER_FINISH_MAX.minusMillis(1));
      assertFalse(events.hasEnded());
      manual.advance(Duration.ofMillis(1));
      assertEquals(ModelEnding.COMPLETE, events.done().ending());
      assertEquals("all", events.text());
    }
  }

  @DisplayName("silence after the first text fails the call after the timeout; the text is kept")
  @Test
  void silenceAfterText() throws Exception {
    try (RawServer server =
        new RawServer(
            exchange -> {
              exchange.head("200 OK", "text/event-stream");
              exchange.event(delta("part"));
              exchange.awaitClose();
            })) {
      RecordedEvents events = new RecordedEvents();
      call(server, timeouts(20_000, 100, 30_000), events);
      assertEquals("the model said nothing more within 100 ms", events.failed().reason());
      assertEquals(ModelEnding.CUT, events.failed().ending());
      assertEquals("part", events.text());
    }
  }

  @DisplayName("an endless stream of comments and thoughts fails at the total timeout")
  @Test
  void endlessThoughtsReachTheTotalTimeout() throws Exception {
    try (RawServer server =
        new RawServer(
            exchange -> {
              exchange.head("200 OK", "text/event-stream");
              for (int i = 0; i < 1_000_000; i++) {
                exchange.write(": ping\n\n");
                exchange.event("{\"choices\":[{\"delta\":{\"reasoning_content\":\"hm\"}}]}");
                Thread.onSpinWait();
              }
            })) {
      RecordedEvents events = new RecordedEvents();
      call(
          server,
          new Timeouts(LONG_TIMEOUT, LONG_TIMEOUT, LONG_TIMEOUT, Duration.ofMillis(150)),
          events);
      assertEquals("the model took longer than 150 ms", events.failed().reason());
    }
  }

  @DisplayName("an endless line fails the call at the limit of a line's bytes")
  @Test
  void endlessLineFailsTheCall() throws Exception {
    try (RawServer server =
        new RawServer(
            exchange -> {
              exchange.head("200 OK", "text/event-stream");
              byte[] block = "x".repeat(8192).getBytes(StandardCharsets.UTF_8);
              for (int i = 0; i < 100_000; i++) {
                exchange.write(block);
              }
            })) {
      RecordedEvents events = new RecordedEvents();
      call(server, Timeouts.DEFAULT, events);
      assertEquals("the model sent a line longer than 4096 bytes", events.failed().reason());
    }
  }

  @DisplayName(
      "a connection that breaks before an answer is retried up to the maximum number of attempts")
  @Test
  void connectionBrokenBeforeTextIsRetried() throws Exception {
    try (RawServer server = new RawServer(exchange -> exchange.socket().close())) {
      RecordedEvents events = new RecordedEvents();
      call(server, Timeouts.DEFAULT, events);
      assertTrue(events.failed().reason().contains("broke before an answer"));
      assertEquals(2, server.connections.get());
    }
  }

  @DisplayName(
      "a connection that breaks after the first text fails the call without a retry; the text is kept")
  @Test
  void connectionBrokenAfterTextIsNotRetried() throws Exception {
    try (RawServer server =
        new RawServer(
            exchange -> {
              exchange.write(
                  "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nContent-Length: 9999\r\n\r\n");
              exchange.event(delta("part"));
            })) {
      RecordedEvents events = new RecordedEvents();
      call(server, Timeouts.DEFAULT, events);
      assertEquals(
          "the connection to the model broke in the middle of the answer",
          events.failed().reason());
      assertEquals("part", events.text());
      assertEquals(1, server.connections.get());
    }
  }
}
