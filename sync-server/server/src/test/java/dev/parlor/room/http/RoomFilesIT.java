package dev.parlor.room.http;

import static dev.parlor.room.http.HttpClientForTests.assertField;
import static dev.parlor.room.http.HttpClientForTests.assertProblem;
import static dev.parlor.room.http.HttpClientForTests.json;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import dev.parlor.room.http.TestServer.Member;
import dev.parlor.room.http.TestServer.Person;
import dev.parlor.room.http.TestServer.RoomUnderTest;
import dev.parlor.server.config.ServerConfig;
import java.io.IOException;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Rooms that are made from room files. */
class RoomFilesIT {
  private static final Path DOCUMENTED = Path.of("../../docs/room-files");

  private static TestServer server;
  private static HttpClientForTests http;
  private static Path roomFiles = Path.of("");

  @BeforeAll
  static void start(@TempDir Path folder) throws Exception {
    roomFiles = Files.createDirectory(folder.resolve("room-files"));
    try (var documented = Files.list(DOCUMENTED)) {
      for (var file : documented.toList()) {
        write(String.valueOf(file.getFileName()), Files.readString(file));
      }
    }
    write("pair.md", "---\nname: Pair\nmax_players: 2\n---\n");
    write("standup.md", "---\nname: Standup\nroom: daily\n---\n# Welcome\nHello\n");
    write("retro.md", "---\nname: Retro\nroom: daily\n---\n");
    write("broken.md", "---\nname: Broken\nslots: 7\n---\n");
    server = TestServer.start(folder, Map.of("PARLOR_ROOM_FILES", roomFiles.toString()));
    http = server.http();
  }

  @AfterAll
  static void stop() throws Exception {
    server.close();
  }

  /** Writes a file that is old enough for the first look. */
  private static void write(String name, String text) throws IOException {
    Files.writeString(roomFiles.resolve(name), text);
    Files.setLastModifiedTime(roomFiles.resolve(name), FileTime.fromMillis(0));
  }

  private static HttpResponse<String> create(String template, Person owner) {
    return http.post(
        "/api/rooms",
        "{\"template\":\"" + template + "\"}",
        "Authorization",
        "Bearer " + owner.token());
  }

  private static RoomUnderTest room(HttpResponse<String> response) {
    assertEquals(201, response.statusCode(), response.body());
    return new RoomUnderTest(http, json(response));
  }

  private static JsonNode read(Member member) {
    return json(member.get(""));
  }

  @Test
  @DisplayName("the server lists the room files that can be used, and the operator sees the faults")
  void listing() {
    var listed = json(http.get("/api/room-files")).path("roomFiles");
    assertEquals(
        List.of("brainstorm", "code-review", "pair", "quiet-desk", "retro", "standup"),
        listed.findValuesAsText("id"));
    assertFalse(listed.get(3).path("multiplayer").asBoolean());
    assertTrue(listed.get(4).path("shared").asBoolean());
    var admin = json(http.get("/api/admin/room-files"));
    assertEquals("broken.md", admin.path("problems").path(0).path("file").asText());
    assertEquals(3, admin.path("problems").path(0).path("line").asInt());
    var part = json(http.get("/api/health")).path("parts").path("room-files");
    assertEquals(
        "broken.md:3: “slots” must be a whole number from 1 to 3", part.path("detail").asText());
    assertEquals(200, http.get("/health/ready").statusCode());
  }

  @Test
  @DisplayName("parlor config prints the room files and the faults with file and line")
  void configPrintsRoomFiles() throws Exception {
    var config =
        ServerConfig.read(List.of("--room-files", roomFiles.toString()), Map.of(), roomFiles);
    assertTrue(config.describe().contains("room file pair: Pair"), config.describe());
    assertTrue(
        config.describe().contains("room file not offered: broken.md:3: “slots” must be"),
        config.describe());
  }

  @Test
  @DisplayName("a room made from a file has its title, settings, cards, windows and welcome text")
  void roomFromFileHasItsContent() {
    var room = room(create("brainstorm", server.person("Ada"))).join("host", server.person("Ada"));
    var json = read(room);
    assertEquals("Ideas", json.path("title").asText());
    assertEquals(8, json.path("settings").path("maxPlayers").asInt());
    assertEquals(2, json.path("settings").path("slots").asInt());
    assertEquals("combine", json.path("settings").path("stackRule").asText());
    assertTrue(
        json.path("settings").path("systemPrompt").asText().startsWith("You take part in a"));
    assertEquals(3, json.path("cards").size());
    var welcome = json.path("chat").path(0);
    assertEquals("system", welcome.path("kind").asText());
    assertTrue(welcome.path("text").asText().startsWith("Welcome. First agree"));
    assertEquals(
        1,
        json.path("windows").findValuesAsText("title").stream()
            .filter("Question of the day"::equals)
            .count());
    assertTrue(json.path("notes").toString().contains("Write the question here"));
  }

  @Test
  @DisplayName("a room file in the body of a POST gives a room with its values")
  void postedFileGivesRoom() throws Exception {
    var text = Files.readString(DOCUMENTED.resolve("code-review.md"));
    var response = http.post("/api/rooms", text, "Content-Type", "text/markdown");
    var json = read(room(response).join("host", server.person("Ada")));
    assertEquals("Review", json.path("title").asText());
    assertTrue(json.path("settings").path("spectatorChat").asBoolean());
    assertEquals(3, json.path("cards").size());
    var broken =
        http.post("/api/rooms", "---\nname: x\nslots: 7\n---\n", "Content-Type", "text/markdown");
    assertEquals(422, broken.statusCode());
    assertEquals(
        "line 3: “slots” must be a whole number from 1 to 3", json(broken).path("detail").asText());
  }

  @Test
  @DisplayName("a file that is unknown or faulty gives no room, and the problem names the field")
  void unknownFileGivesNoRoom() {
    for (var id : List.of("missing", "broken", "../pair")) {
      assertField(422, "template", create(id, server.person("Ada")));
    }
  }

  @Test
  @DisplayName("the person after the last seat of a room file's max_players is a spectator")
  void thirdJoinIsSpectator() {
    var ada = server.person("Ada");
    var room = room(create("pair", ada));
    assertEquals(
        "host", json(room.withLink("player", ada).post("/join", "{}")).path("role").asText());
    var roles =
        List.of("Bob", "Cleo").stream()
            .map(name -> room.withLink("player", server.person(name)).post("/join", "{}"))
            .map(response -> json(response).path("role").asText())
            .toList();
    assertEquals(List.of("player", "spectator"), roles);
  }

  @Test
  @DisplayName("[AC14] a room for one person refuses a second person at every entrance")
  void singleRoomRefusesSecondPerson() {
    var ada = server.person("Ada");
    var room = room(create("quiet-desk", ada));
    assertEquals(200, room.withLink("player", ada).post("/join", "{}").statusCode());
    var bob = room.withLink("host", server.person("Bob"));
    for (var refused :
        List.of(
            bob.post("/join", "{}"),
            bob.post("/tickets", "{}"),
            bob.get(""),
            bob.get("/export"),
            bob.post("/chat", "{\"text\":\"hi\"}"),
            bob.post("/fork", "{}"))) {
      assertProblem(403, "single", refused);
      assertEquals("AC14", json(refused).path("rule").asText());
      assertEquals(
          "this room is for one person; only its owner can enter",
          json(refused).path("detail").asText());
    }
    assertProblem(403, "single", http.get(room.path(""), "Parlor-Key", room.key("spectator")));
  }

  @Test
  @DisplayName(
      "[AC14] a room for one person that was made without an identity belongs to the first host")
  void singleRoomWithoutOwnerBelongsToFirstHost() {
    var room = room(http.post("/api/rooms", "{\"template\":\"quiet-desk\"}"));
    assertProblem(403, "single", room.withLink("player", server.person("Bob")).post("/join", "{}"));
    var ada = room.join("host", server.person("Ada"));
    assertProblem(403, "single", room.withLink("host", server.person("Bob")).post("/join", "{}"));
    assertEquals(200, ada.get("").statusCode());
  }

  @Test
  @DisplayName("two room files with one key share one room, and the second person is a player")
  void filesWithOneKeyShareTheRoom() {
    var ada = server.person("Ada");
    var first = room(create("standup", ada));
    var second = create("retro", server.person("Bob"));
    assertEquals(200, second.statusCode(), second.body());
    assertEquals(first.slug(), json(second).path("slug").asText());
    assertTrue(json(second).path("links").path("host").isMissingNode(), second.body());
    assertTrue(json(second).path("sync").path("host").isMissingNode(), second.body());
    var bob = new RoomUnderTest(http, json(second)).join("player", server.person("Bob"));
    assertEquals("Hello", read(bob).path("chat").path(0).path("text").asText());
    assertNotEquals(first.slug(), room(create("pair", ada)).slug());
  }

  @ParameterizedTest
  @DisplayName(
      "playing, chatting, asking and exporting work alike in a room for one and for several")
  @ValueSource(strings = {"pair", "quiet-desk"})
  void roomsOfBothKindsWorkAlike(String template) {
    var ada = server.person("Ada");
    var member = room(create(template, ada)).join("player", ada);
    assertEquals(
        201, member.post("/play", "{\"type\":\"token-limit\",\"text\":\"20\"}").statusCode());
    assertEquals(201, member.post("/chat", "{\"text\":\"hello\"}").statusCode());
    var asked = member.post("/generate", "{\"query\":\"A haiku\"}");
    assertEquals(202, asked.statusCode(), asked.body());
    var result = json(member.get("/results/" + json(asked).path("request").asText() + "?wait=30"));
    assertEquals("length", result.path("ending").asText(), result.toString());
    assertTrue(member.get("/export?as=markdown").body().contains("A haiku"));
  }
}
