package dev.parlor.room.http;

import static dev.parlor.room.http.HttpClientForTests.assertField;
import static dev.parlor.room.http.HttpClientForTests.assertProblem;
import static dev.parlor.room.http.HttpClientForTests.json;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.parlor.room.http.TestServer.Member;
import dev.parlor.room.http.TestServer.RoomUnderTest;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Forks of rooms. */
class ForkIT {
  private static TestServer server;

  @BeforeAll
  static void start(@TempDir Path folder) throws Exception {
    server = TestServer.start(folder);
  }

  @AfterAll
  static void stop() throws Exception {
    server.close();
  }

  private static Member newRoom() {
    return server.room("Friday ideas").join("host", server.person("Ada"));
  }

  private static RoomUnderTest forked(HttpResponse<String> response) {
    assertEquals(201, response.statusCode(), response.body());
    return new RoomUnderTest(server.http(), json(response));
  }

  private static JsonNode read(Member member) {
    return json(member.get(""));
  }

  private static HttpResponse<String> success(HttpResponse<String> response) {
    assertTrue(response.statusCode() / 100 == 2, response.body());
    return response;
  }

  private static void ask(Member member, String query) {
    var asked = json(success(member.post("/generate", "{\"query\":\"" + query + "\"}")));
    json(success(member.get("/results/" + asked.path("request").asText() + "?wait=30")));
  }

  @Test
  @DisplayName(
      "a fork has cards, windows, notes, chat, settings and answers of the original, with their ids and authors")
  void forkCopiesAllParts() {
    var ada = newRoom();
    var bob = ada.room().join("player", server.person("Bob"));
    success(bob.post("/play", "{\"type\":\"token-limit\",\"text\":\"20\"}"));
    success(bob.post("/chat", "{\"text\":\"@model A haiku\"}"));
    ask(ada, "And another");
    var before = read(ada);
    var fork = forked(bob.post("/fork", "{}")).join("host", bob.person());
    var copy = read(fork);
    assertNotEquals(before.path("slug"), copy.path("slug"));
    assertNotEquals(before.path("documentId"), copy.path("documentId"));
    assertEquals("Copy of Friday ideas", copy.path("title").asText());
    for (var part : List.of("schema", "settings", "cards", "windows", "notes")) {
      assertTrue(before.has(part), part);
      assertEquals(before.path(part), copy.path(part), part);
    }
    assertEquals(before.path("chat"), copy.path("chat"));
    assertEquals(
        before.path("results").findValuesAsText("query"),
        copy.path("results").findValuesAsText("query"));
    assertEquals(
        before.path("results").findValuesAsText("text"),
        copy.path("results").findValuesAsText("text"));
    assertEquals(before.path("heads"), read(ada).path("heads"), "the original is unchanged");
  }

  @Test
  @DisplayName("the person who forks owns the fork; other people of the original need its links")
  void forkBelongsToItsMaker() {
    var ada = newRoom();
    var bob = ada.room().join("player", server.person("Bob"));
    var fork = forked(bob.post("/fork", "{\"title\":\"Mine\"}"));
    var inFork = fork.join("player", bob.person());
    var copy = read(inFork);
    assertEquals("Mine", copy.path("title").asText());
    assertEquals(bob.person().identity(), copy.path("owner").asText());
    var adaThere = new Member(fork, "player", ada.person());
    assertProblem(
        401,
        "unauthorized",
        server.http().get(fork.path(""), "Authorization", "Bearer " + ada.person().token()));
    assertEquals("spectator", roleOf(copy, ada.person().identity()));
    success(adaThere.post("/join", "{\"name\":\"Ada\"}"));
    assertEquals("player", roleOf(read(inFork), ada.person().identity()));
    assertEquals(ada.person().identity(), read(ada).path("owner").asText());
  }

  private static String roleOf(JsonNode room, String identity) {
    for (var person : room.path("participants")) {
      if (person.path("identity").asText().equals(identity)) {
        return person.path("role").asText();
      }
    }
    return room.path("participants").path(identity).path("role").asText();
  }

  @Test
  @DisplayName(
      "a fork knows the title of its parent, and its slug is shown only to people of the parent")
  void forkKnowsItsParent() {
    var ada = newRoom();
    var fork = forked(ada.post("/fork", "{}"));
    var parent = read(fork.join("host", ada.person())).path("parent");
    assertEquals("Friday ideas", parent.path("title").asText());
    assertEquals(ada.room().slug(), parent.path("slug").asText());
    var stranger = read(fork.join("player", server.person("Cleo"))).path("parent");
    assertEquals("Friday ideas", stranger.path("title").asText());
    assertTrue(stranger.path("slug").isNull());
    assertTrue(read(ada).path("parent").isNull());
  }

  @Test
  @DisplayName("a fork at earlier heads has the stack of that time")
  void forkAtEarlierHeads() throws Exception {
    var ada = newRoom();
    success(ada.post("/play", "{\"type\":\"tone\",\"text\":\"Dry\"}"));
    var then = read(ada);
    success(ada.post("/play", "{\"type\":\"tone\",\"text\":\"Wet\"}"));
    var heads = new ObjectMapper().writeValueAsString(then.path("heads"));
    var fork = forked(ada.post("/fork", "{\"heads\":" + heads + "}"));
    var copy = read(fork.join("host", ada.person()));
    assertEquals(then.path("cards"), copy.path("cards"));
    assertEquals(then.path("cards").size() + 1, read(ada).path("cards").size());
    assertField(422, "heads", ada.post("/fork", "{\"heads\":[\"" + "ab".repeat(32) + "\"]}"));
    assertField(400, "heads", ada.post("/fork", "{\"heads\":[\"x\"]}"));
  }

  @Test
  @DisplayName(
      "the history of a room lists each earlier stack, newest first, and a fork at the heads of an"
          + " entry has that stack; edits of one card in a row are one entry")
  void historyOfTheStack() {
    var ada = newRoom();
    var dry = play(ada, "Dry");
    var one = read(ada).path("cards");
    var wet = play(ada, "Wet");
    for (var text : List.of("Wett", "Wetter")) {
      var edit = "{\"card\":\"" + wet + "\",\"text\":\"" + text + "\"}";
      success(ada.post("/commands/card_text", edit));
    }
    success(ada.post("/chat", "{\"text\":\"no change of the stack\"}"));
    success(ada.post("/commands/card_remove", "{\"card\":\"" + dry + "\"}"));
    var watcher = ada.room().join("spectator", server.person("Wim"));
    var shown = json(success(watcher.get("/history")));
    var history = shown.path("history");
    assertEquals(history.size(), shown.path("states").asInt());
    assertTrue(shown.path("changes").asInt() > history.size(), shown.toString());
    var cards = new ArrayList<String>();
    for (var i = 0; i < 3; i++) {
      var card = history.path(i).path("cards").path(0);
      cards.add(card.path("change").asText() + " " + card.path("text").asText());
      assertEquals(ada.person().identity(), card.path("by").asText());
    }
    assertEquals(List.of("changed Dry", "played Wetter", "played Dry"), cards);
    var fork = forked(ada.post("/fork", "{\"heads\":" + history.path(2).path("heads") + "}"));
    assertEquals(one, read(fork.join("host", ada.person())).path("cards"));
    var edited = forked(ada.post("/fork", "{\"heads\":" + history.path(1).path("heads") + "}"));
    var copy = read(edited.join("host", ada.person())).path("cards");
    assertEquals("Wetter", copy.path(wet).path("text").asText());
    assertTrue(copy.path(dry).path("removedBy").isNull());
    assertProblem(401, "unauthorized", server.http().get(ada.room().path("/history")));
  }

  private static String play(Member member, String text) {
    var body = "{\"type\":\"tone\",\"text\":\"" + text + "\"}";
    return json(success(member.post("/play", body))).path("card").path("id").asText();
  }

  @Test
  @DisplayName(
      "a fork goes on by itself: what happens there does not reach the original, also after a question")
  void forkIsIndependent() {
    var ada = newRoom();
    success(ada.post("/play", "{\"type\":\"token-limit\",\"text\":\"20\"}"));
    ask(ada, "First");
    var fork = forked(ada.post("/fork", "{}")).join("host", ada.person());
    ask(fork, "Only in the fork");
    success(fork.post("/chat", "{\"text\":\"here\"}"));
    assertEquals(
        List.of("First", "Only in the fork"),
        read(fork).path("results").findValuesAsText("query").stream().sorted().toList());
    assertEquals(List.of("First"), read(ada).path("results").findValuesAsText("query"));
    assertEquals(0, read(ada).path("chat").size());
  }

  @Test
  @DisplayName(
      "a spectator may fork, because a spectator may export; a person without the room's key may not")
  void readersMayFork() {
    var ada = newRoom();
    var watcher = ada.room().join("spectator", server.person("Bob"));
    forked(watcher.post("/fork", "{}"));
    var stranger = server.person("Cleo");
    assertProblem(
        401,
        "unauthorized",
        server
            .http()
            .post(ada.room().path("/fork"), "{}", "Authorization", "Bearer " + stranger.token()));
    assertProblem(
        401,
        "unauthorized",
        server.http().post(ada.room().path("/fork"), "{}", "Parlor-Key", ada.room().key("host")));
  }

  @Test
  @DisplayName("a repeated fork with one Idempotency-Key makes one room")
  void repeatedForkMakesOneRoom() {
    var ada = newRoom();
    var first = ada.post("/fork", "{}", "Idempotency-Key", "fork-1");
    var second = ada.post("/fork", "{}", "Idempotency-Key", "fork-1");
    assertEquals(json(first).path("slug"), json(second).path("slug"));
  }
}
