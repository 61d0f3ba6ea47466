package dev.parlor.room.http;

import static dev.parlor.room.http.HttpClientForTests.json;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.networknt.schema.Error;
import com.networknt.schema.Schema;
import com.networknt.schema.SchemaRegistry;
import com.networknt.schema.SpecificationVersion;
import dev.parlor.room.http.TestServer.Member;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The response to a join is valid by {@code docs/schemas/join.schema.json}. */
@Timeout(value = 60, unit = TimeUnit.SECONDS)
class JoinSchemaIT {

  private static TestServer server;
  private static Schema schema;

  @BeforeAll
  static void start(@TempDir Path folder) throws Exception {
    server = TestServer.start(folder);
    schema =
        SchemaRegistry.withDefaultDialect(SpecificationVersion.DRAFT_2020_12)
            .getSchema(schemaText());
  }

  private static String schemaText() throws IOException {
    var fromRoot = Path.of("docs/schemas/join.schema.json");
    return Files.readString(Files.exists(fromRoot) ? fromRoot : Path.of("../..").resolve(fromRoot));
  }

  @AfterAll
  static void stop() throws Exception {
    server.close();
  }

  private static List<String> violations(JsonNode answer) {
    return schema.validate(answer).stream().map(Error::toString).toList();
  }

  private static JsonNode join(Member member) {
    var response = member.post("/join", "{}");
    assertEquals(200, response.statusCode(), response.body());
    return json(response);
  }

  @Test
  @DisplayName("the response to a join is valid by the schema, for a new room and during an answer")
  void joinResponseIsValidByTheSchema() {
    var room = server.room("Everything in it");
    var ada = room.withLink("host", server.person("Ada"));
    assertEquals(List.of(), violations(join(ada)));

    ada.post("/play", "{\"type\":\"token-limit\",\"text\":\"20 tokens\"}");
    var message = json(ada.post("/chat", "{\"text\":\"hello\"}")).path("id").asText();
    ada.post("/chat/edit", "{\"message\":\"" + message + "\",\"text\":\"hello again\"}");
    ada.post("/reactions", "{\"target\":\"chat:" + message + "\",\"sign\":\"heart\"}");
    var note = json(ada.get("")).path("notes").fieldNames().next();
    ada.post("/comments", "{\"target\":\"note:" + note + "\",\"text\":\"Why?\"}");
    var first = json(ada.post("/generate", "{\"query\":\"Write a haiku\"}")).path("request");
    var done = json(ada.get("/results/" + first.asText() + "?wait=30"));
    assertEquals("length", done.path("ending").asText(), done::toString);
    ada.post("/play", "{\"type\":\"token-limit\",\"text\":\"2000 tokens\"}");
    var generating = ada.post("/generate", "{\"query\":\"Count the stars, slowly\"}");
    assertEquals(202, generating.statusCode(), generating.body());
    var bob = join(room.withLink("player", server.person("Bob")));
    assertEquals(List.of(), violations(bob));
    var shown = bob.path("room");
    assertTrue(shown.path("generation").path("grant").isObject(), "an answer is written");
    assertEquals(4, shown.path("cards").size());
    assertEquals("hello again", shown.path("chat").path(0).path("text").asText());
    for (var part : List.of("comments", "reactions", "edits")) {
      assertEquals(1, shown.path(part).size(), part);
    }
    assertTrue(shown.path("results").has(first.asText()));
    ada.post("/stop", "{}");
  }

  @Test
  @DisplayName("the schema rejects the response to a join if any one field is missing")
  void schemaRequiresEveryField() {
    var answer = join(server.room("Parts").withLink("player", server.person("Cy")));
    var notRequired = new ArrayList<String>();
    for (var part : List.of("", "participant", "room", "room/settings", "room/turn")) {
      var object = (ObjectNode) at(answer, part);
      for (var field : fields(object)) {
        var copy = answer.deepCopy();
        ((ObjectNode) at(copy, part)).remove(field);
        if (violations(copy).isEmpty()) {
          notRequired.add(part + "/" + field);
        }
      }
    }
    assertEquals(List.of(), notRequired);
    var invalidHeads = (ObjectNode) answer.deepCopy();
    invalidHeads.putArray("heads").add("not a hash");
    assertFalse(violations(invalidHeads).isEmpty());
    ((ObjectNode) answer.path("participant")).put("role", "king");
    assertFalse(violations(answer).isEmpty());
  }

  @Test
  @DisplayName(
      "the schema names each field of settings, generation, results and chat that a room with a"
          + " queue, a thread and attachments has")
  void schemaNamesEveryField() throws Exception {
    var room = server.room("Threads");
    var ada = room.join("host", server.person("Ada"));
    ada.post("/commands/settings", "{\"slots\":2,\"spectatorChat\":true}");
    var first =
        json(ada.post("/generate", "{\"query\":\"Write a haiku\"}")).path("request").asText();
    ada.get("/results/" + first + "?wait=30");
    ada.post("/chat", "{\"text\":\"@model and another\"}");
    for (var i = 0; i < 3; i++) {
      ada.post(
          "/generate",
          "{\"query\":\"Count the stars, slowly\",\"after\":\""
              + first
              + "\",\"attach\":[{\"kind\":\"text\",\"text\":\"a quote\",\"from\":\"chat\"}]}");
    }
    var answer = join(room.withLink("player", server.person("Bob")));
    assertEquals(List.of(), violations(answer));
    var shown = answer.path("room");
    assertTrue(shown.path("generation").path("queue").size() > 0, shown::toString);
    var unnamed = new ArrayList<String>();
    var definitions = new ObjectMapper().readTree(schemaText()).path("$defs");
    compare(definitions.at("/room/properties/settings"), shown.path("settings"), unnamed);
    compare(definitions.path("generation"), shown.path("generation"), unnamed);
    shown.path("results").forEach(each -> compare(definitions.path("result"), each, unnamed));
    shown.path("chat").forEach(each -> compare(definitions.path("message"), each, unnamed));
    shown
        .at("/generation/queue")
        .forEach(
            each -> compare(definitions.at("/generation/properties/queue/items"), each, unnamed));
    assertEquals(List.of(), unnamed);
    ada.post("/stop", "{}");
  }

  private static void compare(JsonNode definition, JsonNode object, List<String> unnamed) {
    object
        .fieldNames()
        .forEachRemaining(
            name -> {
              if (!definition.path("properties").has(name)) {
                unnamed.add(name);
              }
            });
  }

  private static JsonNode at(JsonNode answer, String part) {
    return part.isEmpty() ? answer : answer.at("/" + part);
  }

  private static List<String> fields(ObjectNode node) {
    var names = new ArrayList<String>();
    node.fieldNames().forEachRemaining(names::add);
    return names;
  }
}
