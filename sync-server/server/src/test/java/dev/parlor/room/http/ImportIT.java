package dev.parlor.room.http;

import static dev.parlor.room.http.HttpClientForTests.assertField;
import static dev.parlor.room.http.HttpClientForTests.assertProblem;
import static dev.parlor.room.http.HttpClientForTests.json;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.parlor.room.http.TestServer.Member;
import dev.parlor.room.http.TestServer.RoomUnderTest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.function.Consumer;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Rooms imported from exported files, and files that only resemble an export. */
class ImportIT {
  private static final List<String> CONTENT = List.of("title", "settings", "notes", "schema");

  private static TestServer server;
  private static HttpClientForTests http;
  private static String exported = "";

  @BeforeAll
  static void start(@TempDir Path folder) throws Exception {
    server = TestServer.start(folder);
    http = server.http();
    exported = ok(busyRoom().get("/export?as=json")).body();
  }

  @AfterAll
  static void stop() throws Exception {
    server.close();
  }

  private static Member busyRoom() {
    var room = server.room("Friday ideas \uD83E\uDDA6");
    var ada = room.join("host", server.person("Ada"));
    var bob = room.join("player", server.person("Bob"));
    ok(bob.post("/play", "{\"type\":\"tone\",\"text\":\"Dry, like crispbread\"}"));
    ok(ada.post("/play", "{\"type\":\"token-limit\",\"text\":\"50\"}"));
    var said = json(ok(ada.post("/chat", "{\"text\":\"hello\"}"))).path("id").asText();
    ok(bob.post("/chat", "{\"text\":\"well met\",\"replyTo\":\"" + said + "\"}"));
    var request = json(ok(ada.post("/generate", "{\"query\":\"A haiku\"}"))).path("request");
    var result = json(ada.get("/results/" + request.asText() + "?wait=30"));
    assertEquals("length", result.path("ending").asText(), result.toString());
    return ada;
  }

  private static HttpResponse<String> ok(HttpResponse<String> response) {
    assertTrue(response.statusCode() / 100 == 2, response.body());
    return response;
  }

  private static HttpResponse<String> bring(String file, String... headers) {
    return http.post("/api/rooms/import", file, headers);
  }

  private static JsonNode roomOf(HttpResponse<String> made) {
    assertEquals(201, made.statusCode(), made.body());
    var room = new RoomUnderTest(http, json(made));
    return json(ok(http.get(room.path("/export?as=json"), "Parlor-Key", room.key("host"))));
  }

  /** Maps identities to the names that the room shows for them. */
  private static String named(JsonNode room, String identity) {
    return room.path("participants").path(identity).path("name").asText(identity);
  }

  /** A part of a room with names in place of identities and without ids. */
  private static String told(JsonNode room, String part, String... fields) {
    var told = new StringBuilder();
    room.path(part)
        .forEach(
            each -> {
              for (var field : fields) {
                told.append(each.path(field)).append(' ');
              }
              told.append("by ").append(named(room, each.path("by").asText())).append('\n');
            });
    return told.toString();
  }

  @DisplayName("an imported export is a new room with the same content")
  @Test
  void importRestoresTheExportedContent() {
    var ada = busyRoom();
    var exported = ok(ada.get("/export?as=json")).body();
    var before = json(ada.get("/export?as=json"));
    var made = bring(exported, "Authorization", "Bearer " + ada.who().token());
    var after = roomOf(made);
    assertNotEquals(before.path("slug"), after.path("slug"));
    assertNotEquals(before.path("documentId"), after.path("documentId"));
    for (var part : CONTENT) {
      assertEquals(before.path(part), after.path(part), part);
    }
    for (var part : List.of("cards", "windows", "chat", "results")) {
      assertFalse(before.path(part).isEmpty(), part);
      assertEquals(before.path(part).size(), after.path(part).size(), part);
    }
    var card = new String[] {"type", "text", "order", "at", "muted", "removedBy"};
    assertEquals(told(before, "cards", card), told(after, "cards", card));
    var window = new String[] {"type", "title", "pos", "size", "z", "state", "ref", "props"};
    assertEquals(told(before, "windows", window), told(after, "windows", window));
    var entry = new String[] {"id", "kind", "text", "replyTo", "at"};
    assertEquals(told(before, "chat", entry), told(after, "chat", entry));
    var result = new String[] {"query", "prompt", "model", "cards", "chunks", "status", "usage"};
    assertEquals(told(before, "results", result), told(after, "results", result));

    // The new room is exported and imported once more.
    var twice = roomOf(bring(after.toString()));
    assertEquals(told(after, "chat", entry), told(twice, "chat", entry));
    assertEquals(after.path("participants"), twice.path("participants"));
  }

  @DisplayName("an import attributes no text to an identity and grants no role")
  @Test
  void importForgesNoAuthorAndGrantsNoRole() {
    var ada = busyRoom();
    var file = (ObjectNode) json(ada.get("/export?as=json"));
    var after = roomOf(bring(file.toString()));
    after
        .path("participants")
        .properties()
        .forEach(
            person -> {
              assertTrue(person.getKey().startsWith("import:"), person.getKey());
              assertEquals("spectator", person.getValue().path("role").asText());
            });
    assertEquals(2, after.path("participants").size());
    after.path("people").forEach(one -> assertFalse(one.path("seated").asBoolean()));
    assertFalse(after.path("chat").toString().contains(ada.who().identity()));
    // Ada was a host of the exported room; here she has her link's role.
    var made = bring(file.toString());
    var room = new RoomUnderTest(http, json(made));
    assertProblem(
        403, "not-joined", room.with("player", ada.who()).post("/chat", "{\"text\":\"x\"}"));
    room.join("spectator", ada.who());
    assertProblem(
        403, "spectator", room.with("spectator", ada.who()).post("/chat", "{\"text\":\"x\"}"));
    assertEquals(201, room.join("host", ada.who()).post("/chat", "{\"text\":\"x\"}").statusCode());
  }

  @DisplayName("an imported room works, and an answer that was running is interrupted")
  @Test
  void importedRoomWorksAndItsRunningAnswerIsInterrupted() {
    var file = (ObjectNode) json(busyRoom().get("/export?as=json"));
    file.path("results")
        .forEach(result -> ((ObjectNode) result).put("status", "running").putNull("endedAt"));
    ((ObjectNode) file.path("settings")).put("spectatorChat", true).put("cursors", false);
    var room = new RoomUnderTest(http, json(ok(bring(file.toString()))));
    var ada = room.join("host", server.person("Ada"));
    var shown = json(ada.get(""));
    assertTrue(shown.path("settings").path("cursors").isBoolean());
    shown
        .path("results")
        .forEach(result -> assertEquals("interrupted", result.path("status").asText()));
    var watcher = room.join("spectator", server.person("Cy"));
    assertEquals(201, watcher.post("/chat", "{\"text\":\"louder\"}").statusCode());
    assertProblem(403, "spectator", watcher.post("/play", "{\"type\":\"tone\",\"text\":\"Wry\"}"));
    var request = json(ok(ada.post("/generate", "{\"query\":\"Again\"}"))).path("request");
    var result = json(ada.get("/results/" + request.asText() + "?wait=30"));
    assertEquals("length", result.path("ending").asText(), result.toString());
  }

  private static void refused(String field, Consumer<ObjectNode> spoil) {
    var file = file();
    spoil.accept(file);
    assertField(422, field, bring(file.toString()));
  }

  private static ObjectNode file() {
    try {
      return (ObjectNode) new com.fasterxml.jackson.databind.ObjectMapper().readTree(exported);
    } catch (com.fasterxml.jackson.core.JacksonException e) {
      throw new AssertionError(e);
    }
  }

  private static ObjectNode first(JsonNode all) {
    return (ObjectNode) all.elements().next();
  }

  @DisplayName("a file that is no room is refused with the field's name")
  @Test
  void fileThatIsNoRoomIsRefusedByField() {
    for (var part : List.of("title", "settings", "cards", "chat", "results", "schema")) {
      refused(part, file -> file.remove(part));
      var spoilt = file();
      spoilt.putObject(part).putObject("x").putArray("y").add(1.5);
      var told = json(bring(spoilt.toString()));
      assertTrue(told.path("field").asText().startsWith(part), told.toString());
    }
    refused("schema", file -> file.put("schema", 7));
    refused("title", file -> file.put("title", "t".repeat(201)));
    var half = file().put("title", "half HERE").toString().replace("HERE", "\\ud83e");
    assertField(422, "title", bring(half));
    refused(
        "settings/maxPlayers", file -> ((ObjectNode) file.path("settings")).put("maxPlayers", 0));
    refused(
        "settings/turnMode",
        file -> ((ObjectNode) file.path("settings")).put("turnMode", "anarchy"));
    refused("chat/0/text", file -> first(file.path("chat")).put("text", "x".repeat(8_001)));
    refused("chat/1/kind", file -> ((ObjectNode) file.path("chat").get(1)).put("kind", "shout"));
    refused("chat/0/at", file -> first(file.path("chat")).put("at", 1e300));
    refused(
        "cards/__proto__",
        file -> ((ObjectNode) file.path("cards")).putObject("__proto__").put("text", "x"));
    refused(
        "cards/\ud83e\udda6",
        file -> ((ObjectNode) file.path("cards")).putObject("\ud83e\udda6").put("text", "x"));
    refused("notes/n", file -> ((ObjectNode) file.path("notes")).put("n", "no map"));
    refused(
        "notes/n/text",
        file -> ((ObjectNode) file.path("notes")).putObject("n").put("text", "x".repeat(200_001)));
  }

  @DisplayName("malformed JSON, deep nesting and duplicate fields are refused")
  @Test
  void malformedDeepOrDuplicateJsonIsRefused() {
    assertProblem(400, "not-json", bring("{"));
    assertProblem(400, "not-json", bring("{\"title\":1,\"title\":2}"));
    assertProblem(400, "not-json", bring("[".repeat(100_000)));
    assertProblem(400, "not-json", bring("{\"a\":" + "9".repeat(40) + "}"));
    assertProblem(400, "not-an-object", bring("[]"));
    assertField(422, "schema", bring("{}"));
    var automerge =
        http.send(
            http.request("/api/rooms/import", "Content-Type", "application/octet-stream")
                .POST(BodyPublishers.ofByteArray(new byte[] {(byte) 0x85, 0x6f, 0x4a, (byte) 0x83}))
                .build());
    assertProblem(415, "not-json", automerge);
  }

  @DisplayName("a file whose announced length is too large is refused before its body arrives")
  @Test
  void announcedOversizeFileIsRefusedBeforeItsBody() throws Exception {
    var here = java.net.InetAddress.getLoopbackAddress();
    try (var socket = new java.net.Socket(here, server.port())) {
      socket.setSoTimeout(20_000);
      var head =
          String.join(
              "\r\n",
              "POST /api/rooms/import HTTP/1.1",
              "Host: 127.0.0.1:" + server.port(),
              "Content-Type: application/json",
              "Content-Length: 4194305",
              "",
              "");
      socket.getOutputStream().write(head.getBytes(StandardCharsets.US_ASCII));
      var answer = socket.getInputStream().readNBytes(13);
      assertEquals("HTTP/1.1 413 ", new String(answer, StandardCharsets.US_ASCII));
    }
  }

  @DisplayName("a file without a Content-Length is read up to the limit")
  @Test
  void fileWithoutALengthIsReadUpToTheLimit() {
    var chunked =
        http.send(
            http.request("/api/rooms/import", "Content-Type", "application/json")
                .POST(
                    BodyPublishers.ofInputStream(
                        () -> new java.io.ByteArrayInputStream(new byte[(4 << 20) + 1])))
                .build());
    assertProblem(413, "body-too-large", chunked);
  }

  @DisplayName("a large room is imported in several changes")
  @Test
  void largeRoomIsImportedInSeveralChanges() {
    var file = file();
    var notes = (ObjectNode) file.path("notes");
    for (var i = 0; i < 4; i++) {
      notes.putObject("n" + i).put("text", ("word " + i + " ").repeat(15_000));
    }
    var after = roomOf(bring(file.toString()));
    assertEquals(notes, after.path("notes"));
    assertEquals(2, after.path("chat").size());
  }

  @DisplayName("an import repeated with the same key makes one room")
  @Test
  void importWithTheSameKeyMakesOneRoom() {
    var file = exported;
    var one = bring(file, "Idempotency-Key", "import-of-friday-1");
    var two = bring(file, "Idempotency-Key", "import-of-friday-1");
    assertEquals(json(ok(one)).path("slug"), json(ok(two)).path("slug"));
  }
}
