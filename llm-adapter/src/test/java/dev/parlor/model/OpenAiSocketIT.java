package dev.parlor.model;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.parlor.model.ModelRequest.Message;
import dev.parlor.model.OpenAiSettings.Limits;
import dev.parlor.model.OpenAiSettings.Timeouts;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.OptionalInt;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** What happens on the socket itself: bytes cut anywhere, silence, endless lines, closing. */
class OpenAiSocketIT {
  private static final ModelRequest REQUEST =
      new ModelRequest("m", List.of(new Message("user", "Hi")), OptionalInt.empty());
  private static final Duration LONG = Duration.ofSeconds(30);

  private final ModelTimer timer = ModelTimer.onThread("test-timer");

  @AfterEach
  void stop() {
    timer.close();
  }

  private ModelCall call(RawServer server, Timeouts timeouts, RecordedEvents heard) {
    var limits = new Limits(2, Duration.ofMillis(1), Duration.ofSeconds(1), 4096, 20_000, 1024);
    return new OpenAiClient(new OpenAiSettings(server.url(), "", "m", timeouts, limits), timer)
        .start(REQUEST, heard);
  }

  private static Timeouts timeouts(int firstTokenMillis, int betweenMillis, int wholeMillis) {
    return new Timeouts(
        Duration.ofMillis(200),
        Duration.ofMillis(firstTokenMillis),
        Duration.ofMillis(betweenMillis),
        Duration.ofMillis(wholeMillis));
  }

  private static String delta(String text) {
    return "{\"choices\":[{\"delta\":{\"content\":\"" + text + "\"}}]}";
  }

  @Test
  void oneByteAtATimeAlsoWithinACharacter() throws Exception {
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
      RecordedEvents heard = new RecordedEvents();
      call(server, Timeouts.DEFAULT, heard);
      heard.done();
      assertEquals(text, heard.text());
    }
  }

  @Test
  void cancelClosesTheConnectionAndNothingFollows() throws Exception {
    try (RawServer server =
        new RawServer(
            exchange -> {
              exchange.head("200 OK", "text/event-stream");
              exchange.event(delta("first"));
              exchange.awaitClose();
            })) {
      RecordedEvents heard = new RecordedEvents();
      ModelCall call = call(server, Timeouts.DEFAULT, heard);
      heard.firstText.get(20, TimeUnit.SECONDS);
      call.cancel();
      server.answered.get(20, TimeUnit.SECONDS);
      call.cancel();
      assertFalse(heard.ended());
      assertEquals(1, server.connections.get());
    }
  }

  @Test
  void cancelBeforeTheFirstWordClosesTheConnectionToo() throws Exception {
    try (RawServer server = new RawServer(RawServer.Exchange::awaitClose)) {
      RecordedEvents heard = new RecordedEvents();
      ModelCall call = call(server, Timeouts.DEFAULT, heard);
      server.first.get(20, TimeUnit.SECONDS);
      call.cancel();
      server.answered.get(20, TimeUnit.SECONDS);
      assertFalse(heard.ended());
    }
  }

  @Test
  void silenceBeforeTheFirstWordEndsTheCallWithoutASecondOne() throws Exception {
    try (RawServer server =
        new RawServer(
            exchange -> {
              exchange.head("200 OK", "text/event-stream");
              exchange.write(": still here\n\n");
              exchange.awaitClose();
            })) {
      RecordedEvents heard = new RecordedEvents();
      call(server, timeouts(100, 30_000, 30_000), heard);
      assertEquals("the model gave no first word within 300 ms", heard.failed().reason());
      server.answered.get(20, TimeUnit.SECONDS);
      assertEquals(1, server.connections.get());
    }
  }

  @Test
  void silenceInTheMiddleKeepsThePart() throws Exception {
    try (RawServer server =
        new RawServer(
            exchange -> {
              exchange.head("200 OK", "text/event-stream");
              exchange.event(delta("part"));
              exchange.awaitClose();
            })) {
      RecordedEvents heard = new RecordedEvents();
      call(server, timeouts(20_000, 100, 30_000), heard);
      assertEquals("the model said nothing more within 100 ms", heard.failed().reason());
      assertEquals(Ending.CUT, heard.failed().ending());
      assertEquals("part", heard.text());
    }
  }

  @Test
  void aCallThatNeverFallsSilentStillEnds() throws Exception {
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
      RecordedEvents heard = new RecordedEvents();
      call(server, new Timeouts(LONG, LONG, LONG, Duration.ofMillis(150)), heard);
      assertEquals("the model took longer than 150 ms", heard.failed().reason());
    }
  }

  @Test
  void anEndlessLineEndsTheCallInBoundedMemory() throws Exception {
    try (RawServer server =
        new RawServer(
            exchange -> {
              exchange.head("200 OK", "text/event-stream");
              byte[] block = "x".repeat(8192).getBytes(StandardCharsets.UTF_8);
              for (int i = 0; i < 100_000; i++) {
                exchange.write(block);
              }
            })) {
      RecordedEvents heard = new RecordedEvents();
      call(server, Timeouts.DEFAULT, heard);
      assertEquals("the model sent a line longer than 4096 bytes", heard.failed().reason());
    }
  }

  @Test
  void aConnectionThatBreaksBeforeAnAnswerIsTriedAgain() throws Exception {
    try (RawServer server = new RawServer(exchange -> exchange.socket().close())) {
      RecordedEvents heard = new RecordedEvents();
      call(server, Timeouts.DEFAULT, heard);
      assertTrue(heard.failed().reason().contains("broke before an answer"));
      assertEquals(2, server.connections.get());
    }
  }

  @Test
  void aConnectionThatBreaksInTheMiddleIsNotTriedAgain() throws Exception {
    try (RawServer server =
        new RawServer(
            exchange -> {
              exchange.write(
                  "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nContent-Length: 9999\r\n\r\n");
              exchange.event(delta("part"));
            })) {
      RecordedEvents heard = new RecordedEvents();
      call(server, Timeouts.DEFAULT, heard);
      assertEquals(
          "the connection to the model broke in the middle of the answer", heard.failed().reason());
      assertEquals("part", heard.text());
      assertEquals(1, server.connections.get());
    }
  }
}
