package dev.parlor.model;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.parlor.model.Endpoint.Kind;
import dev.parlor.model.Endpoint.Limits;
import dev.parlor.model.Endpoint.Price;
import dev.parlor.model.Endpoint.ServedModel;
import dev.parlor.model.Endpoint.Timeouts;
import dev.parlor.model.ModelRequest.Image;
import dev.parlor.model.ModelRequest.Message;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * Tests several endpoints: the choice by model, the fallback in order, and exact request bodies.
 */
class ModelRouterIT {
  private static final String BUSY =
      "HTTP/1.1 503 Busy\r\nContent-Type: application/json\r\nConnection: close\r\n\r\n"
          + "{\"error\":{\"message\":\"busy\"}}";

  private final ModelTimer timer = ModelTimer.onThread("test-timer");

  @AfterEach
  void stop() {
    timer.close();
  }

  private static ServedModel model(String name, boolean takesImages) {
    return new ServedModel(
        name,
        name + "-id",
        Optional.of(new Price(1, 2)),
        OptionalInt.of(100_000),
        OptionalInt.of(4_096),
        takesImages);
  }

  private static Endpoint endpoint(String name, Kind kind, String url, ServedModel... models) {
    var limits = new Limits(1, Duration.ofMillis(1), Duration.ofSeconds(1), 4_096, 20_000, 1_024);
    return new Endpoint(name, kind, url, "", List.of(models), Timeouts.DEFAULT, limits);
  }

  private static RawServer answering(String head, String... events) throws Exception {
    return new RawServer(
        exchange -> {
          exchange.write(head);
          for (String event : events) {
            exchange.event(event);
          }
        });
  }

  private static RawServer openAi(String text) throws Exception {
    return answering(
        "HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n",
        "{\"choices\":[{\"delta\":{\"content\":\"" + text + "\"},\"finish_reason\":\"stop\"}]}",
        "[DONE]");
  }

  private static RawServer anthropic(String text) throws Exception {
    return answering(
        "HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n",
        "{\"type\":\"content_block_delta\",\"delta\":{\"type\":\"text_delta\",\"text\":\""
            + text
            + "\"}}",
        "{\"type\":\"message_delta\",\"delta\":{\"stop_reason\":\"end_turn\"}}",
        "{\"type\":\"message_stop\"}");
  }

  private static ModelRequest request(String model, Image... images) {
    return new ModelRequest(
        model,
        List.of(new Message("system", "Be brief"), new Message("user", "Hi", List.of(images))),
        OptionalInt.empty());
  }

  private static RecordedEvents call(ModelClient client, ModelRequest request) {
    RecordedEvents events = new RecordedEvents();
    client.start(request, events);
    return events;
  }

  private static List<String> asked(RecordedEvents events) {
    return events.asked().stream()
        .map(asked -> asked.model().name() + " at " + asked.endpoint())
        .toList();
  }

  @Test
  @DisplayName(
      "if the chosen model fails before its first word, the fallback is asked in order and the room is told")
  void fallbackInOrder() throws Exception {
    try (RawServer first = answering(BUSY);
        RawServer second = answering(BUSY);
        RawServer third = anthropic("Hello")) {
      var setup =
          new ModelSetup(
              List.of(
                  endpoint("a", Kind.OPENAI, first.url(), model("one", true)),
                  endpoint("b", Kind.OPENAI, second.url(), model("two", true)),
                  endpoint("c", Kind.ANTHROPIC, third.url(), model("three", true))),
              "one",
              List.of("two", "one", "three"));
      try (ModelRouter router = new ModelRouter(setup, timer)) {
        RecordedEvents events = call(router, request(""));
        assertEquals(ModelEnding.COMPLETE, events.done().ending());
        assertEquals("Hello", events.text());
        assertEquals(List.of("one at a", "two at b", "three at c"), asked(events));
        assertEquals(OptionalInt.of(4_096), events.asked().getLast().tokensMax());
        assertEquals(
            List.of(
                "one gave no answer: the model endpoint answered 503: busy. two was asked instead.",
                "two gave no answer: the model endpoint answered 503: busy. three was asked instead,"
                    + " for at most 4096 tokens."),
            events.notes());
      }
    }
  }

  @Test
  @DisplayName("a failure after the first word, or a refused content, asks no other model")
  void noFallbackAfterTheFirstWordOrARefusal() throws Exception {
    try (RawServer broken =
            answering(
                "HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n",
                "{\"choices\":[{\"delta\":{\"content\":\"part\"}}]}");
        RawServer refusing =
            answering("HTTP/1.1 400 Bad\r\nConnection: close\r\n\r\n{\"error\":\"too long\"}");
        RawServer other = openAi("other")) {
      var setup =
          new ModelSetup(
              List.of(
                  endpoint("a", Kind.OPENAI, broken.url(), model("one", true)),
                  endpoint("b", Kind.OPENAI, refusing.url(), model("two", true)),
                  endpoint("c", Kind.OPENAI, other.url(), model("three", true))),
              "one",
              List.of("three"));
      try (ModelRouter router = new ModelRouter(setup, timer)) {
        RecordedEvents afterText = call(router, request("one"));
        assertEquals(ModelEnding.CUT, afterText.failed().ending());
        assertEquals("part", afterText.text());
        assertEquals(
            "the model endpoint answered 400: too long",
            call(router, request("two")).failed().reason());
        assertEquals(0, other.connections.get());
      }
    }
  }

  @Test
  @DisplayName("a model without a first word in time is given up for the next one")
  void fallbackAfterSilence() throws Exception {
    try (RawServer silent = new RawServer(RawServer.Exchange::awaitClose);
        RawServer other = openAi("Hello")) {
      var times =
          new Timeouts(
              Duration.ofMillis(50),
              Duration.ofMillis(50),
              Duration.ofSeconds(30),
              Duration.ofSeconds(30));
      var slow =
          new Endpoint(
              "a",
              Kind.OPENAI,
              silent.url(),
              "",
              List.of(model("one", true)),
              times,
              Limits.DEFAULT);
      var setup =
          new ModelSetup(
              List.of(slow, endpoint("b", Kind.OPENAI, other.url(), model("two", true))),
              "one",
              List.of("two"));
      try (ModelRouter router = new ModelRouter(setup, timer)) {
        RecordedEvents events = call(router, request("one"));
        events.done();
        assertEquals(
            List.of(
                "one gave no answer: the model gave no first word within 100 ms. two was asked"
                    + " instead."),
            events.notes());
        assertEquals(times, events.asked().getFirst().timeouts());
      }
    }
  }

  @Test
  @DisplayName("a cancel while the fallback is asked closes that connection; no event follows")
  void cancelDuringTheFallback() throws Exception {
    try (RawServer first = answering(BUSY);
        RawServer second = new RawServer(RawServer.Exchange::awaitClose)) {
      var setup =
          new ModelSetup(
              List.of(
                  endpoint("a", Kind.OPENAI, first.url(), model("one", true)),
                  endpoint("b", Kind.OPENAI, second.url(), model("two", true))),
              "one",
              List.of("two"));
      try (ModelRouter router = new ModelRouter(setup, timer)) {
        RecordedEvents events = new RecordedEvents();
        ModelCall call = router.start(request("one"), events);
        second.firstExchange.get(20, TimeUnit.SECONDS);
        call.cancel();
        second.scriptEnd.get(20, TimeUnit.SECONDS);
        assertFalse(events.hasEnded());
      }
    }
  }

  @Test
  @DisplayName(
      "the body that is shown equals the body that is sent, for both dialects and with images")
  void shownBodyIsSent() throws Exception {
    Image image = Image.of("image/png", new byte[] {1, 2, 3, 4});
    try (RawServer first = openAi("a");
        RawServer second = anthropic("b")) {
      var setup =
          new ModelSetup(
              List.of(
                  endpoint(
                      "a", Kind.OPENAI, first.url(), model("one", true), model("blind", false)),
                  endpoint("b", Kind.ANTHROPIC, second.url(), model("two", true))),
              "one",
              List.of());
      try (ModelRouter router = new ModelRouter(setup, timer)) {
        ModelRequest toFirst = request("one", image);
        call(router, toFirst).done();
        assertEquals(router.body(toFirst), first.firstExchange.get().body());
        assertEquals(
            "{\"model\":\"one-id\",\"messages\":[{\"role\":\"system\",\"content\":\"Be brief\"},"
                + "{\"role\":\"user\",\"content\":[{\"type\":\"text\",\"text\":\"Hi\"},"
                + "{\"type\":\"image_url\",\"image_url\":"
                + "{\"url\":\"data:image/png;base64,AQIDBA==\"}}]}],"
                + "\"stream\":true,\"stream_options\":{\"include_usage\":true}}",
            first.firstExchange.get().body());
        ModelRequest toSecond = request("two", image);
        call(router, toSecond).done();
        assertEquals(router.body(toSecond), second.firstExchange.get().body());
        assertEquals(
            "{\"model\":\"two-id\",\"max_tokens\":4096,\"system\":\"Be brief\",\"messages\":["
                + "{\"role\":\"user\",\"content\":[{\"type\":\"image\",\"source\":"
                + "{\"type\":\"base64\",\"media_type\":\"image/png\",\"data\":\"AQIDBA==\"}},"
                + "{\"type\":\"text\",\"text\":\"Hi\"}]}],\"stream\":true}",
            second.firstExchange.get().body());
        String head = second.firstExchange.get().head().toLowerCase(java.util.Locale.ROOT);
        assertTrue(head.startsWith("post /v1/messages "), head);
        assertTrue(head.contains("anthropic-version: 2023-06-01"), head);
        assertEquals(
            "the model blind takes no images",
            call(router, request("blind", image)).failed().reason());
      }
    }
  }

  @Test
  @DisplayName("two models with one name, and a fallback without its model, are refused by name")
  void invalidSetups() {
    var one = endpoint("a", Kind.OPENAI, "http://127.0.0.1:1", model("one", true));
    var same = endpoint("b", Kind.OPENAI, "http://127.0.0.1:1", model("one", true));
    assertEquals(
        "two models have the name one, at a and at b",
        assertThrows(
                IllegalArgumentException.class,
                () -> new ModelSetup(List.of(one, same), "one", List.of()))
            .getMessage());
    assertEquals(
        "fallback names the unknown model two",
        assertThrows(
                IllegalArgumentException.class,
                () -> new ModelSetup(List.of(one), "one", List.of("two")))
            .getMessage());
  }

  @ParameterizedTest
  @DisplayName(
      "a short key is masked only as a whole word, a long key everywhere, a placeholder never")
  @CsvSource(
      delimiter = '|',
      value = {
        "ollama|see ollama.com: ollamas|see ollama.com: ollamas",
        "red|red is required, not redis or Fred|*** is required, not redis or Fred",
        "hunter2|key hunter2, hunter22|key ***, hunter22",
        "sk-0123456789abcdef|xsk-0123456789abcdefx|x***x",
        "a.b|a.b axb|*** axb"
      })
  void maskedKeys(String key, String text, String masked) {
    assertEquals(masked, KeyMask.mask(text, key));
  }
}
