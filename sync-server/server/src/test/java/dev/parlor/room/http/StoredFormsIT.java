package dev.parlor.room.http;

import static dev.parlor.room.http.HttpClientForTests.json;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.parlor.room.http.TestServer.Member;
import dev.parlor.room.http.TestServer.RoomUnderTest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Rooms are exported and imported with results in all forms in which documents have them. */
class StoredFormsIT {
  @TempDir private Path folder;

  /** The parts of a result that are missing without a value, and in older rooms. */
  private static final List<String> OPTIONAL_PARTS =
      List.of("after", "ending", "tokensMax", "omitted", "attach", "chat");

  private static Member answered(TestServer server) {
    var ada = server.room("Forms").join("host", server.person("Ada"));
    var response = ada.post("/generate", "{\"query\":\"Why?\"}");
    assertEquals(202, response.statusCode(), response.body());
    var request = json(response).path("request").asText();
    var result = json(ada.get("/results/" + request + "?wait=30"));
    assertEquals("done", result.path("status").asText(), result.toString());
    return ada;
  }

  private static JsonNode exported(Member member) {
    return json(member.get("/export?as=json"));
  }

  /** Imports the JSON of a room and exports the new room. */
  private static JsonNode imported(TestServer server, JsonNode file) {
    var response = server.http().post("/api/rooms/import", file.toString());
    assertEquals(201, response.statusCode(), response.body());
    return exportOfNew(server, json(response));
  }

  private static JsonNode exportOfNew(TestServer server, JsonNode created) {
    var room = new RoomUnderTest(server.http(), created);
    return json(server.http().get(room.path("/export?as=json"), "Parlor-Key", room.key("host")));
  }

  private static ObjectNode result(JsonNode room) {
    assertEquals(1, room.path("results").size());
    return (ObjectNode) room.path("results").elements().next();
  }

  @Test
  @DisplayName(
      "a room with an answer of a named endpoint is exported and imported, as JSON and as an"
          + " Automerge document, and has no problems")
  void answerOfANamedEndpoint() throws Exception {
    try (var provider = new StubProvider()) {
      provider.answer = _ -> StubProvider.stream(List.of("Be", "cause"), "stop");
      var models =
          """
          {"endpoints": [{"name": "here", "url": "%s", "models": ["small"]}], "default": "small"}
          """
              .formatted(provider.settings().get("PARLOR_LLM_URL"));
      var file = Files.writeString(folder.resolve("m.json"), models).toString();
      try (var server = TestServer.start(folder, Map.of("PARLOR_MODELS", file))) {
        var ada = answered(server);
        var before = result(exported(ada));
        assertEquals("here", before.path("usage").path("call").path("endpoint").asText());
        assertFalse(before.path("usage").path("call").has("notes"), before.toString());
        assertEquals(before.path("usage"), result(imported(server, exported(ada))).path("usage"));

        var http = server.http();
        var document =
            http.client.send(
                http.request(ada.room().path("/export"), ada.headers()).build(),
                BodyHandlers.ofByteArray());
        var response =
            http.send(
                http.request("/api/rooms/import", "Content-Type", ExportApi.AUTOMERGE)
                    .POST(BodyPublishers.ofByteArray(document.body()))
                    .build());
        assertEquals(201, response.statusCode(), response.body());
        var again = exportOfNew(server, json(response));
        assertEquals(before.path("usage"), result(again).path("usage"));
        var health = json(ada.get("/health"));
        assertEquals(0, health.path("problems").asInt(-1), health.toString());
      }
    }
  }

  @Test
  @DisplayName("each form of a result's usage and each missing optional part can be imported")
  void eachFormOfAResult() throws Exception {
    try (var server = TestServer.start(folder)) {
      var file = exported(answered(server));
      var tokens = "{\"promptTokens\":4,\"completionTokens\":5,\"estimated\":false";
      for (var usage :
          List.of(
              tokens + "}",
              tokens + ",\"call\":{\"endpoint\":\"a\"}}",
              tokens + ",\"call\":{\"endpoint\":\"a\",\"notes\":[\"b was asked\"]}}",
              tokens
                  + ",\"call\":{\"endpoint\":\"a\",\"model\":\"m\",\"costMicros\":7,"
                  + "\"thoughts\":\"Hm.\"}}")) {
        result(file).set("usage", new ObjectMapper().readTree(usage));
        var after = imported(server, file);
        assertEquals(result(file).path("usage"), result(after).path("usage"));
        assertEquals(result(after), result(imported(server, after)), "imported twice");
      }
      result(file).putNull("usage");
      var _ = imported(server, file);
      result(file).remove(OPTIONAL_PARTS);
      var bare = result(imported(server, file));
      for (var part : OPTIONAL_PARTS) {
        assertFalse(bare.has(part), part);
      }
    }
  }
}
