package dev.parlor.room.http;

import static dev.parlor.room.http.HttpClientForTests.assertField;
import static dev.parlor.room.http.HttpClientForTests.json;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.NullNode;
import dev.parlor.room.http.TestServer.Member;
import dev.parlor.room.http.TestServer.RoomUnderTest;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * Malformed text from a model provider is stored and shown the same everywhere, also after a
 * restart.
 */
class ModelTextIT {

  @TempDir private Path folder;

  private static JsonNode generate(Member member) {
    var response = member.post("/generate", "{\"query\":\"Why?\"}");
    assertEquals(202, response.statusCode(), response.body());
    return json(member.get("/results/" + json(response).path("request").asText() + "?wait=30"));
  }

  private static String shownText(JsonNode room, String request) {
    var text = new StringBuilder();
    room.path("results").path(request).path("chunks").forEach(c -> text.append(c.textValue()));
    return text.toString();
  }

  @ParameterizedTest
  @DisplayName(
      "surrogate halves, split pairs and NUL in an answer are the same everywhere, without repairs")
  @CsvSource({
    "x\\ud83d, '', x\ufffd",
    "x\\ud83d, \\ude00y, x\ud83d\ude00y",
    "\\ude00x, y, \ufffdxy",
    "a\\ud83d, b\\ude00, a\ufffdb\ufffd",
    "\\ud83d\\ud83d, \\ude00, \ufffd\ud83d\ude00",
    "a\\u0000b, \\uffff, 'a\u0000b\uffff'",
    "'', \\ud83d, \ufffd"
  })
  void malformedTextIsTheSameEverywhere(String first, String second, String text) throws Exception {
    try (var provider = new StubProvider()) {
      provider.answer = _ -> StubProvider.stream(List.of(first, second), "stop");
      String request;
      RoomUnderTest room;
      Member ada;
      String etag;
      try (var server = TestServer.start(folder, provider.settings())) {
        room = server.room("Halves");
        ada = room.join("host", server.person("Ada"));
        var result = generate(ada);
        request = result.path("request").asText();
        assertEquals(text, result.path("text").asText());
        assertEquals("done", result.path("status").asText());
        // Each message makes the server check its own fields of the document again.
        for (var i = 0; i < 5; i++) {
          assertEquals(201, ada.post("/chat", "{\"text\":\"look\"}").statusCode());
        }
        var response = ada.get("");
        assertEquals(text, shownText(json(response), request));
        assertEquals(text, shownText(json(ada.get("/export?as=json")), request));
        assertEquals(1, json(response).path("heads").size());
        etag = response.headers().firstValue("ETag").orElseThrow();
        var metrics = server.http().get("/metrics").body();
        assertTrue(metrics.contains("parlor_forged_writes_total 0.0"), metrics);
        assertTrue(metrics.contains("parlor_repairs_given_up_total 0.0"), metrics);
      }
      try (var server = TestServer.start(folder, provider.settings())) {
        var memberAfterRestart =
            new Member(new RoomUnderTest(server.http(), room.created()), "host", ada.person());
        var response = memberAfterRestart.get("");
        assertEquals(etag, response.headers().firstValue("ETag").orElseThrow());
        assertEquals(text, shownText(json(response), request));
        var result = json(memberAfterRestart.get("/results/" + request));
        assertEquals(text, result.path("text").asText());
        assertTrue(server.http().get("/metrics").body().contains("parlor_forged_writes_total 0.0"));
      }
    }
  }

  @Test
  @DisplayName(
      "a provider's error text with surrogate halves is the same everywhere, without repairs")
  void errorTextIsTheSameEverywhere() throws Exception {
    try (var provider = new StubProvider();
        var server = TestServer.start(folder, provider.settings())) {
      var ada = server.room("Errors").join("host", server.person("Ada"));
      for (var message :
          List.of("x\\ud83d", "y".repeat(298) + "\\ud83e\\udda6 z", "\\u0000a\\n\\ude00")) {
        provider.answer = _ -> StubProvider.error(400, message);
        var result = generate(ada);
        var reason = result.path("reason").asText();
        assertEquals("error", result.path("status").asText());
        assertTrue(reason.chars().noneMatch(c -> Character.isSurrogate((char) c)), reason);
        assertEquals(
            reason,
            json(ada.get(""))
                .path("results")
                .path(result.path("request").asText())
                .path("reason")
                .asText());
      }
      ada.post("/chat", "{\"text\":\"look\"}");
      assertTrue(server.http().get("/metrics").body().contains("parlor_forged_writes_total 0.0"));
    }
  }

  @ParameterizedTest
  @DisplayName(
      "surrogate halves in finish_reason or refusal and a usage above 32 bits cause no repair")
  @CsvSource({
    "'{\"choices\":[{\"delta\":{\"content\":\"a\"},\"finish_reason\":\"\\ud83d\"}]}'",
    "'{\"choices\":[{\"delta\":{\"refusal\":\"no \\ud83d\"},\"finish_reason\":\"stop\"}]}'",
    "'{\"choices\":[{\"delta\":{\"content\":\"a\"},\"finish_reason\":\"stop\"}],"
        + "\"usage\":{\"prompt_tokens\":9007199254740993,\"completion_tokens\":1e300}}'",
    "'{\"choices\":[{\"delta\":{\"content\":\"a\"},\"finish_reason\":\"stop\"}],"
        + "\"usage\":{\"prompt_tokens\":-5,\"completion_tokens\":2147483647}}'"
  })
  void unusualEndsCauseNoRepair(String event) throws Exception {
    try (var provider = new StubProvider();
        var server = TestServer.start(folder, provider.settings())) {
      provider.answer =
          _ -> new StubProvider.Answer(200, "text/event-stream", "data: " + event + "\n\n");
      var ada = server.room("Ends").join("host", server.person("Ada"));
      var result = generate(ada);
      assertNotEquals("running", result.path("status").asText());
      var inDocument = json(ada.get("")).path("results").path(result.path("request").asText());
      for (var field : List.of("reason", "ending", "usage", "status")) {
        var value = result.path(field);
        var isEmpty = value.isTextual() && value.textValue().isEmpty();
        assertEquals(isEmpty ? NullNode.getInstance() : value, inDocument.path(field), field);
      }
      ada.post("/chat", "{\"text\":\"look\"}");
      assertTrue(server.http().get("/metrics").body().contains("parlor_forged_writes_total 0.0"));
    }
  }

  @Test
  @DisplayName("a surrogate half in a text of a request is refused with the name of the field")
  void surrogateHalvesInRequestsAreRefused() throws Exception {
    try (var server = TestServer.start(folder)) {
      var room = server.room("People");
      var ada = room.join("host", server.person("Ada"));
      var half = "\"a\\ud83d\"";
      assertField(400, "query", ada.post("/generate", "{\"query\":" + half + "}"));
      assertField(400, "after", ada.post("/generate", "{\"query\":\"q\",\"after\":" + half + "}"));
      assertField(400, "text", ada.post("/chat", "{\"text\":" + half + "}"));
      assertField(400, "text", ada.post("/play", "{\"type\":\"role\",\"text\":" + half + "}"));
      assertField(400, "name", ada.post("/join", "{\"name\":" + half + "}"));
      assertField(400, "avatar", ada.post("/join", "{\"avatar\":" + half + "}"));
      assertField(400, "title", server.http().post("/api/rooms", "{\"title\":" + half + "}"));
      assertField(400, "name", server.http().post("/api/identities", "{\"name\":" + half + "}"));
      assertField(400, "replyTo", ada.post("/chat", "{\"text\":\"t\",\"replyTo\":" + half + "}"));
    }
  }
}
