package dev.parlor.room.http;

import static dev.parlor.room.http.HttpClientForTests.assertField;
import static dev.parlor.room.http.HttpClientForTests.assertProblem;
import static dev.parlor.room.http.HttpClientForTests.json;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.parlor.crdt.identity.ActorId;
import dev.parlor.crdt.identity.Bytes;
import dev.parlor.crdt.replica.Edit;
import dev.parlor.crdt.replica.Replica;
import dev.parlor.crdt.replica.Value;
import dev.parlor.room.http.TestServer.Member;
import dev.parlor.room.http.TestServer.RoomUnderTest;
import dev.parlor.room.limits.FixedServiceLimits;
import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
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

/** Import of exported rooms, and of invalid files. */
class ImportIT {
  /** Parts that contain no ids and are therefore equal after an import. */
  private static final List<String> PARTS_WITHOUT_IDS =
      List.of("title", "settings", "notes", "schema");

  private static TestServer server;
  private static HttpClientForTests http;
  private static String exported = "";

  @BeforeAll
  static void start(@TempDir Path folder) throws Exception {
    server = TestServer.start(folder);
    http = server.http();
    exported = requireSuccess(busyRoom().get("/export?as=json")).body();
  }

  @AfterAll
  static void stop() throws Exception {
    server.close();
  }

  private static Member busyRoom() {
    var room = server.room("Friday ideas \uD83E\uDDA6");
    var ada = room.join("host", server.person("Ada"));
    var bob = room.join("player", server.person("Bob"));
    requireSuccess(bob.post("/play", "{\"type\":\"tone\",\"text\":\"Dry, like crispbread\"}"));
    requireSuccess(ada.post("/play", "{\"type\":\"token-limit\",\"text\":\"50\"}"));
    var messageId =
        json(requireSuccess(ada.post("/chat", "{\"text\":\"hello\"}"))).path("id").asText();
    requireSuccess(bob.post("/chat", "{\"text\":\"well met\",\"replyTo\":\"" + messageId + "\"}"));
    var request =
        json(requireSuccess(ada.post("/generate", "{\"query\":\"A haiku\"}"))).path("request");
    var result = json(ada.get("/results/" + request.asText() + "?wait=30"));
    assertEquals("length", result.path("ending").asText(), result.toString());
    return ada;
  }

  private static HttpResponse<String> requireSuccess(HttpResponse<String> response) {
    assertTrue(response.statusCode() / 100 == 2, response.body());
    return response;
  }

  private static HttpResponse<String> importFile(String file, String... headers) {
    return http.post("/api/rooms/import", file, headers);
  }

  private static JsonNode exportOf(HttpResponse<String> response) {
    assertEquals(201, response.statusCode(), response.body());
    var room = new RoomUnderTest(http, json(response));
    return json(
        requireSuccess(http.get(room.path("/export?as=json"), "Parlor-Key", room.key("host"))));
  }

  /** The name that a room shows for an identity; the identity if it shows none. */
  private static String nameOf(JsonNode room, String identity) {
    return room.path("participants").path(identity).path("name").asText(identity);
  }

  /** These fields of all items in a part of a room, and the names of the items' authors. */
  private static String describe(JsonNode room, String part, String... fields) {
    var describe = new StringBuilder();
    room.path(part)
        .forEach(
            item -> {
              for (var field : fields) {
                describe.append(item.path(field)).append(' ');
              }
              describe.append("by ").append(nameOf(room, item.path("by").asText())).append('\n');
            });
    return describe.toString();
  }

  @DisplayName("an imported export is a new room with the same content")
  @Test
  void importRestoresTheExportedContent() {
    var ada = busyRoom();
    var exported = requireSuccess(ada.get("/export?as=json")).body();
    var before = json(ada.get("/export?as=json"));
    var response = importFile(exported, "Authorization", "Bearer " + ada.person().token());
    var after = exportOf(response);
    assertNotEquals(before.path("slug"), after.path("slug"));
    assertNotEquals(before.path("documentId"), after.path("documentId"));
    for (var part : PARTS_WITHOUT_IDS) {
      assertEquals(before.path(part), after.path(part), part);
    }
    for (var part : List.of("cards", "windows", "chat", "results")) {
      assertFalse(before.path(part).isEmpty(), part);
      assertEquals(before.path(part).size(), after.path(part).size(), part);
    }
    var card = new String[] {"type", "text", "order", "at", "muted", "removedBy"};
    assertEquals(describe(before, "cards", card), describe(after, "cards", card));
    var window = new String[] {"type", "title", "pos", "size", "z", "state", "ref", "props"};
    assertEquals(describe(before, "windows", window), describe(after, "windows", window));
    var entry = new String[] {"id", "kind", "text", "replyTo", "at"};
    assertEquals(describe(before, "chat", entry), describe(after, "chat", entry));
    var result = new String[] {"query", "prompt", "model", "cards", "chunks", "status", "usage"};
    assertEquals(describe(before, "results", result), describe(after, "results", result));

    // An export of the imported room can be imported again.
    var reimported = exportOf(importFile(after.toString()));
    assertEquals(describe(after, "chat", entry), describe(reimported, "chat", entry));
    assertEquals(after.path("participants"), reimported.path("participants"));
  }

  @DisplayName(
      "an imported JSON export has the comments with their replies, the votes, and the later texts of messages")
  @Test
  void commentsVotesAndEdits() {
    var ada = busyRoom();
    var shown = json(ada.get(""));
    var note = shown.path("notes").fieldNames().next();
    var target = "{\"target\":\"note:" + note + "\",\"text\":\"Why?\"";
    var comment =
        json(requireSuccess(ada.post("/comments", target + "}"))).path("comment").asText();
    requireSuccess(ada.post("/comments", target + ",\"thread\":\"" + comment + "\"}"));
    requireSuccess(ada.post("/comments/resolve", "{\"comment\":\"" + comment + "\"}"));
    var card = shown.path("cards").fieldNames().next();
    var vote = "{\"target\":\"card:" + card + "\",\"sign\":\"up\"}";
    requireSuccess(ada.post("/reactions", vote));
    var message = shown.path("chat").get(0).path("id").asText();
    var edit = "{\"message\":\"" + message + "\",\"text\":\"later words\"}";
    requireSuccess(ada.post("/chat/edit", edit));

    var after = exportOf(importFile(requireSuccess(ada.get("/export?as=json")).body()));
    assertEquals(2, after.path("comments").size());
    var byKey = after.path("comments").properties().iterator();
    var first = byKey.next();
    var second = byKey.next().getValue();
    var root = first.getValue().hasNonNull("thread") ? second : first.getValue();
    assertEquals("Why?", root.path("text").asText());
    assertTrue(root.path("resolved").path("by").asText().startsWith("import:"), root.toString());
    assertEquals(1, after.path("reactions").size());
    assertTrue(
        after.path("reactions").fieldNames().next().startsWith("card:" + card + "|up|import:"));
    assertEquals("later words", after.path("chat").get(0).path("text").asText());
    assertFalse(after.toString().contains(ada.person().identity()));
  }

  @DisplayName("an import attributes no text to an identity and grants no role")
  @Test
  void importForgesNoAuthorAndGrantsNoRole() {
    var ada = busyRoom();
    var file = (ObjectNode) json(ada.get("/export?as=json"));
    var after = exportOf(importFile(file.toString()));
    after
        .path("participants")
        .properties()
        .forEach(
            person -> {
              assertTrue(person.getKey().startsWith("import:"), person.getKey());
              assertEquals("spectator", person.getValue().path("role").asText());
            });
    assertEquals(2, after.path("participants").size());
    after.path("people").forEach(person -> assertFalse(person.path("seated").asBoolean()));
    assertFalse(after.path("chat").toString().contains(ada.person().identity()));
    // Ada was a host of the exported room. In the imported room she has the role of her link.
    var response = importFile(file.toString());
    var room = new RoomUnderTest(http, json(response));
    assertProblem(
        403, "not-joined", room.withLink("player", ada.person()).post("/chat", "{\"text\":\"x\"}"));
    room.join("spectator", ada.person());
    assertProblem(
        403,
        "spectator",
        room.withLink("spectator", ada.person()).post("/chat", "{\"text\":\"x\"}"));
    assertEquals(
        201, room.join("host", ada.person()).post("/chat", "{\"text\":\"x\"}").statusCode());
  }

  @DisplayName("an imported room can be used, and answers that were running are interrupted")
  @Test
  void importedRoomWorksAndItsRunningAnswerIsInterrupted() {
    var file = (ObjectNode) json(busyRoom().get("/export?as=json"));
    file.path("results")
        .forEach(result -> ((ObjectNode) result).put("status", "running").putNull("endedAt"));
    ((ObjectNode) file.path("settings")).put("spectatorChat", true).put("cursors", false);
    var room = new RoomUnderTest(http, json(requireSuccess(importFile(file.toString()))));
    var ada = room.join("host", server.person("Ada"));
    var shown = json(ada.get(""));
    assertTrue(shown.path("settings").path("cursors").isBoolean());
    shown
        .path("results")
        .forEach(result -> assertEquals("interrupted", result.path("status").asText()));
    var spectator = room.join("spectator", server.person("Cy"));
    assertEquals(201, spectator.post("/chat", "{\"text\":\"louder\"}").statusCode());
    assertProblem(
        403, "spectator", spectator.post("/play", "{\"type\":\"tone\",\"text\":\"Wry\"}"));
    var request =
        json(requireSuccess(ada.post("/generate", "{\"query\":\"Again\"}"))).path("request");
    var result = json(ada.get("/results/" + request.asText() + "?wait=30"));
    assertEquals("length", result.path("ending").asText(), result.toString());
  }

  private static void assertFieldRefused(String field, Consumer<ObjectNode> damage) {
    var file = exportedFile();
    damage.accept(file);
    assertField(422, field, importFile(file.toString()));
  }

  private static ObjectNode exportedFile() {
    try {
      return (ObjectNode) new com.fasterxml.jackson.databind.ObjectMapper().readTree(exported);
    } catch (com.fasterxml.jackson.core.JacksonException e) {
      throw new AssertionError(e);
    }
  }

  private static ObjectNode first(JsonNode all) {
    return (ObjectNode) all.elements().next();
  }

  @DisplayName("an imported file with an invalid field is refused with the name of the field")
  @Test
  void invalidFileIsRefusedWithItsField() {
    for (var part : List.of("title", "settings", "cards", "chat", "results", "schema")) {
      assertFieldRefused(part, file -> file.remove(part));
      var damaged = exportedFile();
      damaged.putObject(part).putObject("x").putArray("y").add(1.5);
      var problem = json(importFile(damaged.toString()));
      assertTrue(problem.path("field").asText().startsWith(part), problem.toString());
    }
    assertFieldRefused("schema", file -> file.put("schema", 7));
    assertFieldRefused("title", file -> file.put("title", "t".repeat(201)));
    var surrogateHalf =
        exportedFile().put("title", "half HERE").toString().replace("HERE", "\\ud83e");
    assertField(422, "title", importFile(surrogateHalf));
    assertFieldRefused(
        "settings/maxPlayers", file -> ((ObjectNode) file.path("settings")).put("maxPlayers", 0));
    assertFieldRefused(
        "settings/turnMode",
        file -> ((ObjectNode) file.path("settings")).put("turnMode", "anarchy"));
    assertFieldRefused(
        "chat/0/text", file -> first(file.path("chat")).put("text", "x".repeat(8_001)));
    assertFieldRefused(
        "chat/1/kind", file -> ((ObjectNode) file.path("chat").get(1)).put("kind", "shout"));
    assertFieldRefused("chat/0/at", file -> first(file.path("chat")).put("at", 1e300));
    assertFieldRefused(
        "cards/__proto__",
        file -> ((ObjectNode) file.path("cards")).putObject("__proto__").put("text", "x"));
    assertFieldRefused(
        "cards/\ud83e\udda6",
        file -> ((ObjectNode) file.path("cards")).putObject("\ud83e\udda6").put("text", "x"));
    assertFieldRefused("notes/n", file -> ((ObjectNode) file.path("notes")).put("n", "no map"));
    assertFieldRefused(
        "notes/n/text",
        file -> ((ObjectNode) file.path("notes")).putObject("n").put("text", "x".repeat(200_001)));
  }

  @DisplayName(
      "an imported file that is malformed, nested too deep or has duplicate fields is refused")
  @Test
  void malformedDeepOrDuplicateJsonIsRefused() {
    assertProblem(400, "not-json", importFile("{"));
    assertProblem(400, "not-json", importFile("{\"title\":1,\"title\":2}"));
    assertProblem(400, "not-json", importFile("[".repeat(100_000)));
    assertProblem(400, "not-json", importFile("{\"a\":" + "9".repeat(40) + "}"));
    assertProblem(400, "not-an-object", importFile("[]"));
    assertField(422, "schema", importFile("{}"));
    assertProblem(415, "not-json", importBytes(new byte[] {1}, "application/octet-stream"));
  }

  private static HttpResponse<String> importBytes(byte[] file, String type) {
    return http.send(
        http.request("/api/rooms/import", "Content-Type", type)
            .POST(BodyPublishers.ofByteArray(file))
            .build());
  }

  private static byte[] automergeExport(Member member) throws Exception {
    var request = http.request(member.room().path("/export"), member.headers()).build();
    return http.client.send(request, HttpResponse.BodyHandlers.ofByteArray()).body();
  }

  @DisplayName(
      "the Automerge document of a room is imported like the JSON export, with the same content")
  @Test
  void automergeDocument() throws Exception {
    var ada = busyRoom();
    var fromJson = exportOf(importFile(requireSuccess(ada.get("/export?as=json")).body()));
    var imported = exportOf(importBytes(automergeExport(ada), "application/vnd.automerge"));
    for (var part : List.of("title", "settings", "notes", "cards", "windows", "chat", "results")) {
      assertEquals(fromJson.path(part), imported.path(part), part);
    }
    assertEquals(fromJson.path("participants"), imported.path("participants"));
  }

  @DisplayName(
      "an Automerge document with changed bytes, or one that is no room, is refused, and the reason names the fault")
  @Test
  void damagedAutomergeDocument() throws Exception {
    var type = "application/vnd.automerge";
    var file = automergeExport(busyRoom());
    file[file.length / 2] ^= 1;
    var damaged = importBytes(file, type);
    assertProblem(422, "not-a-document", damaged);
    assertTrue(damaged.body().contains("checksum"), damaged.body());
    assertProblem(422, "not-a-document", importBytes("{}".getBytes(UTF_8), type));
    try (var other = Replica.create(new ActorId(Bytes.wrap(new byte[16])))) {
      var _ =
          other.transact(List.of(new Edit.Put(dev.parlor.crdt.replica.Path.of("x"), Value.of(1))));
      var noRoom = importBytes(other.save().toArray(), type);
      assertEquals(422, noRoom.statusCode(), noRoom.body());
      assertTrue(noRoom.body().contains("this document is no room"), noRoom.body());
    }
  }

  /** A connection that has sent the head of an import with a body of this length. */
  private static Socket announced(int length) throws IOException {
    var socket = new Socket(InetAddress.getLoopbackAddress(), server.port());
    socket.setSoTimeout(20_000);
    var head =
        String.join(
            "\r\n",
            "POST /api/rooms/import HTTP/1.1",
            "Host: 127.0.0.1:" + server.port(),
            "Content-Type: application/json",
            "Content-Length: " + length,
            "",
            "");
    socket.getOutputStream().write(head.getBytes(StandardCharsets.US_ASCII));
    return socket;
  }

  @DisplayName(
      "an imported file with a Content-Length above the limit is refused before its body arrives")
  @Test
  void announcedOversizeFileIsRefusedBeforeItsBody() throws Exception {
    try (var socket = announced(FixedServiceLimits.FILE_BYTES_MAX + 1)) {
      var answer = socket.getInputStream().readNBytes(13);
      assertEquals("HTTP/1.1 413 ", new String(answer, StandardCharsets.US_ASCII));
    }
  }

  @DisplayName(
      "a client that sends a whole file above the limit before it reads receives the refusal")
  @Test
  void oversizeFileIsReadSoThatTheRefusalArrives() throws Exception {
    var length = FixedServiceLimits.FILE_BYTES_MAX + (8 << 20);
    try (var socket = announced(length)) {
      socket.getOutputStream().write(new byte[length]);
      var answer = new String(socket.getInputStream().readAllBytes(), UTF_8);
      assertTrue(answer.startsWith("HTTP/1.1 413 "), answer);
      assertTrue(answer.contains("body-too-large"), answer);
    }
  }

  @DisplayName("an imported file without a Content-Length is refused once it exceeds the limit")
  @Test
  void fileWithoutALengthIsReadUpToTheLimit() {
    var chunked =
        http.send(
            http.request("/api/rooms/import", "Content-Type", "application/json")
                .POST(
                    BodyPublishers.ofInputStream(
                        () ->
                            new java.io.ByteArrayInputStream(
                                new byte[FixedServiceLimits.FILE_BYTES_MAX + 1])))
                .build());
    assertProblem(413, "body-too-large", chunked);
  }

  @DisplayName("a large room is imported in several changes")
  @Test
  void largeRoomIsImportedInSeveralChanges() {
    var file = exportedFile();
    var notes = (ObjectNode) file.path("notes");
    for (var i = 0; i < 4; i++) {
      notes.putObject("n" + i).put("text", ("word " + i + " ").repeat(15_000));
    }
    var after = exportOf(importFile(file.toString()));
    assertEquals(notes, after.path("notes"));
    assertEquals(2, after.path("chat").size());
  }

  @DisplayName("an import repeated with the same Idempotency-Key creates one room")
  @Test
  void repeatedImportMakesOneRoom() {
    var file = exported;
    var firstResponse = importFile(file, "Idempotency-Key", "import-of-friday-1");
    var secondResponse = importFile(file, "Idempotency-Key", "import-of-friday-1");
    assertEquals(
        json(requireSuccess(firstResponse)).path("slug"),
        json(requireSuccess(secondResponse)).path("slug"));
  }
}
