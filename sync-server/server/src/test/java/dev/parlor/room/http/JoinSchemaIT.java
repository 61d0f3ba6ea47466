package dev.parlor.room.http;

import static dev.parlor.room.http.HttpClientForTests.json;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.networknt.schema.Error;
import com.networknt.schema.Schema;
import com.networknt.schema.SchemaRegistry;
import com.networknt.schema.SpecificationVersion;
import dev.parlor.room.http.TestServer.Member;
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

/** The answer to a join has every field that {@code docs/schemas/join.schema.json} requires. */
@Timeout(value = 60, unit = TimeUnit.SECONDS)
class JoinSchemaIT {

  private static TestServer server;
  private static Schema schema;

  @BeforeAll
  static void start(@TempDir Path folder) throws Exception {
    server = TestServer.start(folder);
    var here = Path.of("docs/schemas/join.schema.json");
    var file = Files.exists(here) ? here : Path.of("../..").resolve(here);
    schema =
        SchemaRegistry.withDefaultDialect(SpecificationVersion.DRAFT_2020_12)
            .getSchema(Files.readString(file));
  }

  @AfterAll
  static void stop() throws Exception {
    server.close();
  }

  private static List<String> problems(JsonNode answer) {
    return schema.validate(answer).stream().map(Error::toString).toList();
  }

  private static JsonNode joined(Member member) {
    var response = member.post("/join", "{}");
    assertEquals(200, response.statusCode(), response.body());
    return json(response);
  }

  @Test
  @DisplayName("the answer to a join of a new or a busy room is valid by the schema")
  void newAndBusyRoomsAnswerAsTheSchemaSays() {
    var room = server.room("Everything in it");
    var ada = room.with("host", server.person("Ada"));
    assertEquals(List.of(), problems(joined(ada)));

    ada.post("/play", "{\"type\":\"token-limit\",\"text\":\"20 tokens\"}");
    ada.post("/chat", "{\"text\":\"hello\"}");
    var first = json(ada.post("/generate", "{\"query\":\"Write a haiku\"}")).path("request");
    var done = json(ada.get("/results/" + first.asText() + "?wait=30"));
    assertEquals("length", done.path("ending").asText(), done::toString);
    ada.post("/play", "{\"type\":\"token-limit\",\"text\":\"2000 tokens\"}");
    var generating = ada.post("/generate", "{\"query\":\"Count the stars, slowly\"}");
    assertEquals(202, generating.statusCode(), generating.body());
    var bob = joined(room.with("player", server.person("Bob")));
    assertEquals(List.of(), problems(bob));
    var shown = bob.path("room");
    assertTrue(shown.path("generation").path("lock").isObject(), "a participant holds the lock");
    assertEquals(4, shown.path("cards").size());
    assertEquals(1, shown.path("chat").size());
    assertTrue(shown.path("results").has(first.asText()));
    ada.post("/stop", "{}");
  }

  @Test
  @DisplayName("the schema rejects an answer to a join without any one of its fields")
  void everyPartIsAskedFor() {
    var answer = joined(server.room("Parts").with("player", server.person("Cy")));
    var missed = new ArrayList<String>();
    for (var part : List.of("", "participant", "room", "room/settings", "room/turn")) {
      var whole = (ObjectNode) at(answer, part);
      for (var field : fields(whole)) {
        var copy = answer.deepCopy();
        ((ObjectNode) at(copy, part)).remove(field);
        if (problems(copy).isEmpty()) {
          missed.add(part + "/" + field);
        }
      }
    }
    assertEquals(List.of(), missed);
    var odd = (ObjectNode) answer.deepCopy();
    odd.putArray("heads").add("not a hash");
    assertFalse(problems(odd).isEmpty());
    ((ObjectNode) answer.path("participant")).put("role", "king");
    assertFalse(problems(answer).isEmpty());
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
