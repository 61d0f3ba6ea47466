package dev.parlor.room.http;

import static dev.parlor.room.http.HttpClientForTests.assertField;
import static dev.parlor.room.http.HttpClientForTests.assertProblem;
import static dev.parlor.room.http.HttpClientForTests.json;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import dev.parlor.room.http.TestServer.Member;
import dev.parlor.room.http.TestServer.RoomUnderTest;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.Executors;
import java.util.stream.StreamSupport;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The HTTP endpoints of rooms: permissions of each role, valid and invalid input. */
class RoomsIT {
  private static TestServer server;
  private static HttpClientForTests http;

  @BeforeAll
  static void start(@TempDir Path folder) throws Exception {
    server = TestServer.start(folder);
    http = server.http();
  }

  @AfterAll
  static void stop() throws Exception {
    server.close();
  }

  private static RoomUnderTest room() {
    return server.room("A room");
  }

  private static Member member(RoomUnderTest room, String role) {
    return room.join(role, server.person(role));
  }

  private static JsonNode document(Member member) {
    var response = member.get("");
    assertEquals(200, response.statusCode(), response.body());
    return json(response);
  }

  private static List<JsonNode> list(JsonNode node) {
    return StreamSupport.stream(node.spliterator(), false).toList();
  }

  @DisplayName("a new room has a link for each role, and the initial content")
  @Test
  void newRoomHasLinksForEveryRoleAndInitialContent() {
    var room = server.room("Ideas for Friday");
    var created = room.created();
    assertTrue(created.path("automergeUrl").asText().startsWith("automerge:"));
    for (var role : List.of("host", "player", "spectator")) {
      assertEquals(
          "http://127.0.0.1:" + server.port() + "/r/" + room.slug() + "#k=" + room.key(role),
          created.path("links").path(role).asText());
      assertEquals(
          "ws://127.0.0.1:" + server.port() + "/sync/k/" + room.slug() + "." + room.key(role),
          created.path("sync").path(role).asText());
    }
    var json = document(room.withLink("spectator", server.person("Ada")));
    assertEquals("Ideas for Friday", json.path("title").asText());
    assertEquals(1, json.path("schema").asInt());
    assertEquals(2, json.path("cards").size());
    assertEquals(5, json.path("windows").size());
    assertEquals("free", json.path("settings").path("turnMode").asText());
    assertEquals("waiting", json.path("settings").path("status").asText());
    assertEquals(10, json.path("settings").path("maxPlayers").asInt());
    assertTrue(json.path("createdAt").asLong() > 0);
    assertEquals("free", json.path("turn").path("mode").asText());
    assertEquals(1, json.path("heads").size());
  }

  @DisplayName(
      "a request for a new room with an invalid field is refused with the name of the field")
  @Test
  void invalidRoomIsRefusedWithItsField() {
    assertField(400, "titel", http.post("/api/rooms", "{\"titel\":\"x\"}"));
    assertField(400, "title", http.post("/api/rooms", "{\"title\":7}"));
    assertField(400, "title", http.post("/api/rooms", "{\"title\":\"" + "x".repeat(201) + "\"}"));
    assertField(400, "title", http.post("/api/rooms", "{\"title\":\"a\\nb\"}"));
    assertProblem(
        401,
        "unauthorized",
        http.post("/api/rooms", "{}", "Authorization", "Bearer id_1.not-a-token"));
    assertField(422, "schema", http.post("/api/rooms/import", "{}"));
  }

  @DisplayName("a request for an unknown room gets 404")
  @Test
  void unknownRoomIsNotFound() {
    var ada = server.person("Ada");
    for (var slug : List.of("short", "1".repeat(22), "x".repeat(300), "%2e%2e")) {
      var response = http.get("/api/rooms/" + slug, "Parlor-Key", room().key("host"));
      assertProblem(404, "not-found", response);
      assertProblem(
          404,
          "not-found",
          http.post(
              "/api/rooms/" + slug + "/play", "{}", "Authorization", "Bearer " + ada.token()));
    }
  }

  @DisplayName("a link allows exactly the requests that its role may make")
  @Test
  void roleOfALinkLimitsItsRequests() {
    var room = room();
    record RoleCheck(String path, String body, int host, int player, int spectator) {}
    var card = "{\"type\":\"role\",\"text\":\"Act as a poet\"}";
    var checks =
        List.of(
            new RoleCheck("/play", card, 201, 201, 403),
            new RoleCheck("/chat", "{\"text\":\"hello\"}", 201, 201, 403),
            new RoleCheck("/generate", "{\"query\":\"hello\"}", 202, 202, 403),
            new RoleCheck("/generate?dryRun=1", "{\"query\":\"hello\"}", 200, 200, 200),
            new RoleCheck("/stop", "{}", 202, 409, 403),
            new RoleCheck("/tickets", "{}", 201, 201, 201),
            new RoleCheck("/join", "{}", 200, 200, 200));
    var host = member(room, "host");
    var player = member(room, "player");
    var spectator = member(room, "spectator");
    for (var check : checks) {
      assertEquals(check.host(), host.post(check.path(), check.body()).statusCode(), check.path());
      if (check.path().equals("/stop")) {
        awaitGenerationEnd(host);
      }
      assertEquals(
          check.player(), player.post(check.path(), check.body()).statusCode(), check.path());
      assertEquals(
          check.spectator(), spectator.post(check.path(), check.body()).statusCode(), check.path());

      var eve = server.person("stranger");
      var noKey = http.post(room.path(check.path()), check.body(), bearer(eve.token()));
      assertProblem(401, "unauthorized", noKey);
      var wrongKey =
          http.post(
              room.path(check.path()),
              check.body(),
              "Authorization",
              "Bearer " + eve.token(),
              "Parlor-Key",
              room().key("host"));
      assertProblem(403, "wrong-key", wrongKey);
      if (!check.path().contains("dryRun")) {
        assertProblem(
            401,
            "unauthorized",
            http.post(room.path(check.path()), check.body(), "Parlor-Key", room.key("host")));
      }
    }
    assertEquals(200, host.get("/links").statusCode());
    assertProblem(403, "not-host", player.get("/links"));
    assertProblem(401, "unauthorized", http.get(room.path("")));
  }

  private static String[] bearer(String token) {
    return new String[] {"Authorization", "Bearer " + token};
  }

  /** Waits until no generation runs, by requesting all results with a wait. */
  private static void awaitGenerationEnd(Member member) {
    for (var request : list(document(member).path("generation").path("lock").path("request"))) {
      member.get("/results/" + request.asText() + "?wait=20");
    }
    document(member)
        .path("results")
        .fieldNames()
        .forEachRemaining(request -> member.get("/results/" + request + "?wait=20"));
  }

  @DisplayName("a card and a chat message of a person without a join are refused")
  @Test
  void playingRequiresAJoin() {
    var room = room();
    var ada = room.withLink("player", server.person("Ada"));
    assertProblem(403, "not-joined", ada.post("/play", "{\"type\":\"role\",\"text\":\"x\"}"));
    assertProblem(403, "not-joined", ada.post("/chat", "{\"text\":\"x\"}"));
  }

  @DisplayName("a second join keeps the person's seat and updates the name")
  @Test
  void secondJoinKeepsTheSeatAndUpdatesTheName() {
    var room = room();
    var ada = room.withLink("player", server.person("Ada"));
    var first = json(ada.post("/join", "{\"name\":\"Ada\",\"avatar\":\"🦊\",\"color\":\"#abc\"}"));
    assertEquals("player", first.path("role").asText());
    assertEquals(ada.person().identity(), first.path("identity").asText());
    assertEquals("Ada", first.path("participant").path("name").asText());
    assertEquals("🦊", first.path("participant").path("avatar").asText());
    assertEquals(1, first.path("room").path("people").size());
    assertFalse(first.path("storageId").asText().isEmpty());
    assertTrue(first.path("heads").get(0).asText().matches("[0-9a-f]{64}"));

    var repeated = json(ada.post("/join", "{\"name\":\"Ada L.\"}"));
    assertEquals("Ada L.", repeated.path("participant").path("name").asText());
    assertEquals("🦊", repeated.path("participant").path("avatar").asText(), "the avatar is kept");
    assertEquals(
        first.path("participant").path("joinedAt"), repeated.path("participant").path("joinedAt"));
    assertEquals(1, repeated.path("room").path("people").size());

    var asHost = room.withLink("host", ada.person());
    assertEquals("host", json(asHost.post("/join", "{}")).path("role").asText());
    assertEquals(
        "host",
        json(ada.post("/join", "{}")).path("participant").path("role").asText(),
        "a link with fewer permissions does not lower the role");
  }

  @DisplayName("a join with an invalid field is refused with the name of the field")
  @Test
  void invalidJoinIsRefusedWithItsField() {
    var ada = room().withLink("player", server.person("Ada"));
    assertField(400, "name", ada.post("/join", "{\"name\":\"" + "x".repeat(81) + "\"}"));
    assertField(400, "name", ada.post("/join", "{\"name\":[]}"));
    assertField(400, "name", ada.post("/join", "{\"name\":\"a\\u0007\"}"));
    assertField(400, "role", ada.post("/join", "{\"role\":\"host\"}"));
    assertField(400, "color", ada.post("/join", "{\"color\":\"" + "x".repeat(33) + "\"}"));
    assertProblem(400, "not-json", ada.post("/join", "{\"name\":"));
  }

  @DisplayName("a person who joins without a name gets a generated name")
  @Test
  void personWithoutANameGetsAGeneratedName() {
    var ada = room().withLink("player", server.person(""));
    var name = json(ada.post("/join", "{}")).path("participant").path("name").asText();
    assertTrue(name.matches("[A-Z][a-z]+ [A-Z][a-z]+"), name);
  }

  @DisplayName("a card that is sent several times with one Idempotency-Key is played once")
  @Test
  void repeatedCardIsPlayedOnce() {
    var ada = member(room(), "player");
    var body = "{\"type\":\"tone\",\"text\":\"Dry\"}";
    var first = ada.post("/play", body, "Idempotency-Key", "k1");
    assertEquals(201, first.statusCode(), first.body());
    for (var i = 0; i < 4; i++) {
      var repeated = ada.post("/play", body, "Idempotency-Key", "k1");
      assertEquals(first.body(), repeated.body());
      assertEquals("true", repeated.headers().firstValue("Idempotency-Replayed").orElse(""));
    }
    var cards = document(ada).path("cards");
    assertEquals(3, cards.size(), "two example cards and the played one");
    var id = json(first).path("card").path("id").asText();
    assertEquals("Dry", cards.path(id).path("text").asText());
    assertEquals(ada.person().identity(), cards.path(id).path("by").asText());
  }

  @DisplayName("concurrent requests with the same Idempotency-Key play one card")
  @Test
  void concurrentRequestsWithOneKeyPlayOneCard() throws Exception {
    var ada = member(room(), "player");
    var body = "{\"type\":\"tone\",\"text\":\"Dry\"}";
    var ids = new HashSet<String>();
    try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
      Callable<String> play =
          () ->
              json(ada.post("/play", body, "Idempotency-Key", "k"))
                  .path("card")
                  .path("id")
                  .asText();
      for (var answer : threads.invokeAll(java.util.Collections.nCopies(5, play))) {
        ids.add(answer.get());
      }
    }
    assertEquals(1, ids.size(), ids.toString());
    assertEquals(3, document(ada).path("cards").size());
  }

  @DisplayName("a card with an invalid field is refused with the name of the field")
  @Test
  void invalidCardIsRefusedWithItsField() {
    var ada = member(room(), "player");
    assertField(400, "type", ada.post("/play", "{\"text\":\"x\"}"));
    assertField(400, "type", ada.post("/play", "{\"type\":\"rôle\",\"text\":\"x\"}"));
    assertField(422, "image", ada.post("/play", "{\"type\":\"image\",\"text\":\"x\"}"));
    assertField(400, "text", ada.post("/play", "{\"type\":\"role\"}"));
    assertField(400, "text", ada.post("/play", "{\"type\":\"role\",\"text\":\" \"}"));
    assertField(
        400,
        "text",
        ada.post("/play", "{\"type\":\"role\",\"text\":\"" + "x".repeat(4001) + "\"}"));
    assertField(400, "by", ada.post("/play", "{\"type\":\"role\",\"text\":\"x\",\"by\":\"eve\"}"));
    for (var number : List.of("-5", "1e9", "abc", "0", "1000000000000")) {
      assertField(
          422, "text", ada.post("/play", "{\"type\":\"token-limit\",\"text\":\"" + number + "\"}"));
    }
    assertEquals(2, document(ada).path("cards").size());
  }

  @DisplayName("chat messages are kept in order")
  @Test
  void chatIsKeptInOrder() {
    var ada = member(room(), "player");
    var hello = json(ada.post("/chat", "{\"text\":\"hello\"}")).path("id").asText();
    var answer = ada.post("/chat", "{\"text\":\"hello yourself\",\"replyTo\":\"" + hello + "\"}");
    assertEquals(201, answer.statusCode());
    var chat = list(document(ada).path("chat"));
    assertEquals(
        List.of("hello", "hello yourself"),
        chat.stream().map(entry -> entry.path("text").asText()).toList());
    assertEquals(hello, chat.get(1).path("replyTo").asText());
    assertField(422, "replyTo", ada.post("/chat", "{\"text\":\"x\",\"replyTo\":\"nobody\"}"));
    assertField(400, "text", ada.post("/chat", "{\"text\":\"" + "x".repeat(8001) + "\"}"));
    assertField(400, "text", ada.post("/chat", "{}"));
  }

  @DisplayName("markup is kept as text and served as JSON")
  @Test
  void markupIsKeptAsTextAndServedAsJson() {
    var ada = member(room(), "player");
    var evil = "<img src=x onerror=alert(1)>";
    assertEquals(201, ada.post("/chat", "{\"text\":\"" + evil + "\"}").statusCode());
    var response = ada.get("");
    assertEquals("application/json", response.headers().firstValue("Content-Type").orElse(""));
    assertEquals(evil, json(response).path("chat").get(0).path("text").asText());
  }

  @DisplayName("a request with the ETag of an unchanged room gets 304")
  @Test
  void unchangedRoomIsNotSentAgain() {
    var ada = member(room(), "player");
    var first = ada.get("");
    var etag = first.headers().firstValue("ETag").orElseThrow();
    assertTrue(etag.contains(json(first).path("heads").get(0).asText()), etag);
    var repeated = ada.get("", "If-None-Match", etag);
    assertEquals(304, repeated.statusCode());
    assertEquals("", repeated.body());
    assertEquals(etag, repeated.headers().firstValue("ETag").orElse(""));

    ada.post("/chat", "{\"text\":\"news\"}");
    var changed = ada.get("", "If-None-Match", etag);
    assertEquals(200, changed.statusCode());
    assertFalse(changed.headers().firstValue("ETag").orElse("").equals(etag));
  }

  @DisplayName("a hundred parallel joins give a hundred participants")
  @Test
  void hundredParallelJoinsGiveHundredParticipants() throws Exception {
    var room = room();
    var people = new ArrayList<TestServer.Person>();
    for (var i = 0; i < 100; i++) {
      people.add(server.person("p" + i));
    }
    try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
      var joins =
          people.stream()
              .map(
                  person ->
                      (Callable<Integer>)
                          () -> room.withLink("player", person).post("/join", "{}").statusCode())
              .toList();
      for (var join : threads.invokeAll(joins)) {
        assertEquals(200, join.get());
      }
    }
    var json = document(room.withLink("spectator", people.getFirst()));
    assertEquals(100, json.path("participants").size());
    assertEquals(100, json.path("people").size());
    var seated = list(json.path("people")).stream().filter(p -> p.path("seated").asBoolean());
    assertEquals(10, seated.count(), "the room has ten seats");
    var last = json.path("people").get(99).path("identity").asText();
    var spectator =
        people.stream().filter(p -> p.identity().equals(last)).findFirst().orElseThrow();
    assertProblem(
        403,
        "no-seat",
        room.withLink("player", spectator).post("/play", "{\"type\":\"role\",\"text\":\"x\"}"));
  }

  @DisplayName("exports are sent as attachments in JSON, Markdown or the Automerge format")
  @Test
  void exportsAreSentAsFiles() throws Exception {
    var room = server.room("Überraschung / Freitag");
    var ada = member(room, "player");
    var json = ada.get("/export?as=json");
    assertEquals("application/json", json.headers().firstValue("Content-Type").orElse(""));
    var disposition = json.headers().firstValue("Content-Disposition").orElse("");
    assertTrue(
        disposition.startsWith("attachment; filename=\"-berraschung Freitag.json\""), disposition);
    assertTrue(disposition.contains("filename*=UTF-8''%C3%9Cberraschung%20Freitag.json"));
    assertEquals("Überraschung / Freitag", json(json).path("title").asText());

    var markdown = ada.get("/export?as=markdown");
    assertEquals(
        "text/markdown; charset=utf-8", markdown.headers().firstValue("Content-Type").orElse(""));
    assertTrue(markdown.body().startsWith("# Überraschung / Freitag"), markdown.body());

    var file =
        http.client.send(
            http.request(room.path("/export?as=automerge"), ada.headers()).GET().build(),
            java.net.http.HttpResponse.BodyHandlers.ofByteArray());
    assertEquals("application/vnd.automerge", file.headers().firstValue("Content-Type").orElse(""));
    var magic = new byte[] {(byte) 0x85, 0x6f, 0x4a, (byte) 0x83};
    assertEquals(
        new String(magic, StandardCharsets.ISO_8859_1),
        new String(file.body(), 0, 4, StandardCharsets.ISO_8859_1));

    assertField(400, "as", ada.get("/export?as=pdf"));
  }

  @DisplayName("rooms survive a restart of the server")
  @Test
  void roomsSurviveARestart(@TempDir Path folder) throws Exception {
    var card = "{\"type\":\"tone\",\"text\":\"Dry\"}";
    RoomUnderTest room;
    TestServer.Person ada;
    try (var first = TestServer.start(folder)) {
      room = first.room("Lasting");
      ada = first.person("Ada");
      assertEquals(201, room.join("player", ada).post("/play", card).statusCode());
    }
    try (var second = TestServer.start(folder)) {
      var repeated = new RoomUnderTest(second.http(), room.created()).withLink("player", ada);
      var json = document(repeated);
      assertEquals("Lasting", json.path("title").asText());
      assertEquals(3, json.path("cards").size());
      assertEquals(201, repeated.post("/play", card).statusCode());
    }
  }
}
