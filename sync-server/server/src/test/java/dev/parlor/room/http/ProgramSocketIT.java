package dev.parlor.room.http;

import static dev.parlor.room.http.HttpClientForTests.json;
import static dev.parlor.room.http.ProgramClient.type;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.networknt.schema.Error;
import com.networknt.schema.Schema;
import com.networknt.schema.SchemaRegistry;
import com.networknt.schema.SpecificationVersion;
import dev.parlor.crdt.identity.DocumentId;
import dev.parlor.crdt.wire.CborValues;
import dev.parlor.room.http.TestServer.Member;
import dev.parlor.room.http.TestServer.RoomUnderTest;
import dev.parlor.room.schema.ChatEntry;
import dev.parlor.room.schema.RoomEdits;
import dev.parlor.room.worker.TestPeer;
import java.net.URI;
import java.net.http.WebSocketHandshakeException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Programs in a room over JSON sockets, beside a peer of the sync protocol. */
@Timeout(value = 90, unit = TimeUnit.SECONDS)
class ProgramSocketIT {
  private static TestServer server;
  private static Schema messages;
  private static Schema events;

  @BeforeAll
  static void start(@TempDir Path folder) throws Exception {
    server = TestServer.start(folder);
    messages =
        SchemaRegistry.withDefaultDialect(SpecificationVersion.DRAFT_2020_12)
            .getSchema(Files.readString(schemaFile("room-socket.schema.json")));
    events =
        SchemaRegistry.withDefaultDialect(SpecificationVersion.DRAFT_2020_12)
            .getSchema(Files.readString(schemaFile("room-events.schema.json")));
  }

  @AfterAll
  static void stop() throws Exception {
    server.close();
  }

  private static Path schemaFile(String name) {
    var fromRoot = Path.of("docs/schemas/" + name);
    return Files.exists(fromRoot) ? fromRoot : Path.of("../..").resolve(fromRoot);
  }

  private static void assertValid(ProgramClient client) {
    for (var message : client.messages()) {
      var violations = messages.validate(message).stream().map(Error::toString).toList();
      assertEquals(List.of(), violations, message::toString);
      if (type(message).equals("event")) {
        var event = new ObjectMapper().createObjectNode();
        event.set("event", message.get("event"));
        event.set("data", message.path("data").deepCopy());
        event.withObject("data").set("at", message.get("at"));
        assertEquals(List.of(), events.validate(event), message::toString);
      }
    }
  }

  private static Member member(RoomUnderTest room, String role) {
    return room.join(role, server.person(role));
  }

  private static TestPeer browser(Member member) throws Exception {
    var ticket = json(member.post("/tickets", "{}"));
    var document =
        DocumentId.parse(member.room().created().path("documentId").asText()).orElseThrow();
    return new TestPeer("browser", document).connect(URI.create(ticket.path("url").asText()));
  }

  private static JsonNode documentOf(JsonNode state) {
    var copy = (ObjectNode) state.deepCopy();
    copy.remove(List.of("turn", "people", "owner", "single", "parent", "heads"));
    return copy;
  }

  private static String window(JsonNode state) {
    return state.path("windows").fieldNames().next();
  }

  @Test
  @DisplayName(
      "programs and a browser change a room: each mirror equals the state over HTTP, a program gets"
          + " its own change in its answer only, and all messages are valid by the schema")
  void mirrorsFollowTheRoom() throws Exception {
    var room = server.room("Programs");
    var ada = member(room, "host");
    var bob = member(room, "player");
    try (var a = ProgramClient.of(server, ada);
        var b = ProgramClient.of(server, bob);
        var browser = browser(bob)) {
      var window = window(a.state());
      var played = a.done("play", ",\"cardType\":\"tone\",\"text\":\"Dry\"");
      var card = played.path("result").path("card").path("id").asText();
      assertTrue(played.path("changes").path("add").path("cards").has(card), played::toString);
      a.done("window_update", ",\"window\":\"" + window + "\",\"width\":500,\"height\":400");
      a.done("card_text", ",\"card\":\"" + card + "\",\"text\":\"Very dry\"");
      a.done("card_text", ",\"card\":\"" + card + "\",\"text\":\"Very, very dry\"");
      b.awaitState(
          "the text of the card",
          state -> state.path("cards").path(card).path("text").asText().equals("Very, very dry"));
      assertTrue(
          a.messages().stream().noneMatch(message -> type(message).equals("state_delta")),
          "a program gets no delta for its own changes");
      var opened =
          b.done("window_open", ",\"windowType\":\"note\",\"title\":\"N\",\"text\":\"one\"");
      var note = opened.path("changes").path("add").path("notes").fieldNames().next();
      b.done("note_edit", ",\"note\":\"" + note + "\",\"at\":3,\"insert\":\" two\"");
      browser.edit(
          _ ->
              RoomEdits.chat(
                  new ChatEntry(
                      "from-browser",
                      bob.person().identity(),
                      7,
                      ChatEntry.Kind.SAY,
                      "hello programs",
                      null)));
      var said =
          a.await(
              "the chat message",
              message ->
                  type(message).equals("chat_msg")
                      && message.path("id").asText().equals("from-browser"));
      assertEquals("hello programs", said.path("text").asText());
      assertEquals("player", said.path("sender").asText());
      b.awaitState("the chat entry", state -> state.path("chat").size() == 1);
      var state = json(ada.get("/state"));
      assertEquals(documentOf(state), documentOf(a.state()));
      assertEquals(documentOf(state), documentOf(b.state()));
      assertEquals(a.revision(), b.revision());
      browser.await(
          "the programs' changes",
          view ->
              view.card(card).filter(each -> each.text().equals("Very, very dry")).isPresent()
                  && view.window(window).orElseThrow().width() == 500);
      assertValid(a);
      assertValid(b);
    }
  }

  @Test
  @DisplayName(
      "presence and pointers reach programs from a browser and a browser from programs, with the"
          + " identity of the connection")
  void presenceCrossesBothWays() throws Exception {
    var room = server.room("Presence");
    var ada = member(room, "host");
    var bob = member(room, "player");
    try (var a = ProgramClient.of(server, ada);
        var browser = browser(bob)) {
      browser.sendEphemeral(
          CborValues.write(
              Map.of(
                  "__presence",
                  Map.of(
                      "type",
                      "update",
                      "channel",
                      "me",
                      "value",
                      Map.of("identity", "id_forged", "name", "Bob", "status", "idle")))));
      var seen =
          a.await(
              "the browser's presence",
              message ->
                  type(message).equals("presence") && message.path("name").asText().equals("Bob"));
      assertEquals(bob.person().identity(), seen.path("identity").asText());
      assertEquals("idle", seen.path("status").asText());
      browser.sendEphemeral(CborValues.write(Map.of("type", "parlor-cursor", "x", 0.25, "y", 0.5)));
      var cursor = a.await("the browser's pointer", message -> type(message).equals("cursor_pos"));
      assertEquals(0.25, cursor.path("x").asDouble());
      assertEquals(bob.person().identity(), cursor.path("identity").asText());

      a.sendText("{\"type\":\"presence\",\"where\":\"chat\",\"typing\":\"chat\"}");
      a.sendText("{\"type\":\"cursor_pos\",\"x\":0.75,\"y\":1,\"window\":null}");
      awaitEphemeral(
          browser,
          "the pointer",
          map ->
              map.get("type") instanceof String type
                  && type.equals("parlor-cursor")
                  && Double.valueOf(0.75).equals(map.get("x")));
      awaitEphemeral(
          browser,
          "the presence",
          map ->
              map.get("__presence") instanceof Map<?, ?> presence
                  && presence.get("value") instanceof Map<?, ?> value
                  && ada.person().identity().equals(value.get("identity"))
                  && "chat".equals(value.get("typing")));
      a.sendText("{\"type\":\"ping\",\"id\":7}");
      a.await(
          "the pong", message -> type(message).equals("pong") && message.path("id").asInt() == 7);
      browser.disconnect();
      a.await(
          "the end of the browser's presence",
          message -> type(message).equals("presence") && message.path("gone").asBoolean());
      assertValid(a);
    }
  }

  private static void awaitEphemeral(TestPeer peer, String what, Predicate<Map<?, ?>> wanted)
      throws Exception {
    var messages = peer.ephemeral();
    while (messages.stream().map(CborValues::map).noneMatch(wanted)) {
      assertTrue(messages.size() < 1_000, "no " + what + " came");
      peer.awaitEphemeral(messages.size() + 1);
      messages = peer.ephemeral();
    }
  }

  @Test
  @DisplayName(
      "malformed, unknown and forbidden messages get an error with their field, the connection"
          + " stays, and nothing changes")
  void hostileMessagesGetErrors() throws Exception {
    var room = server.room("Hostile");
    var ada = member(room, "player");
    var watcher = member(room, "spectator");
    try (var a = ProgramClient.of(server, ada);
        var w = ProgramClient.of(server, watcher)) {
      var before = a.state();
      for (var text :
          List.of(
              "{",
              "7",
              "[]",
              "{\"text\":\"x\"}",
              "{\"type\":7}",
              "{\"type\":\"x\",\"type\":\"y\"}",
              "{\"type\":\"cursor_pos\",\"x\":\"a\",\"y\":1}",
              "[".repeat(5_000))) {
        var errors = errors(a).size();
        a.sendText(text);
        a.await("an error", _ -> errors(a).size() > errors);
      }
      assertEquals("type", a.run("fly", "").path("field").asText());
      assertEquals("titel", a.run("title", ",\"titel\":\"x\"").path("field").asText());
      assertEquals(
          "text", a.run("chat", ",\"text\":\"" + "x".repeat(8_001) + "\"").path("field").asText());
      assertEquals(
          "window",
          a.run("window_move", ",\"window\":\"no\",\"x\":1,\"y\":1").path("field").asText());
      assertEquals(
          "by", a.run("chat", ",\"text\":\"hi\",\"by\":\"id_other\"").path("field").asText());
      assertEquals("not-host", a.run("settings", ",\"slots\":2").path("code").asText());
      assertEquals("spectator", w.run("chat", ",\"text\":\"hi\"").path("code").asText());
      assertEquals("spectator", w.run("title", ",\"title\":\"T\"").path("code").asText());
      assertEquals(before.path("windows"), json(ada.get("/state")).path("windows"));
      var said = a.done("chat_msg", ",\"text\":\"it is me\",\"sender\":\"Somebody else\"");
      assertEquals(ada.person().identity(), said.path("result").path("by").asText());
      var heard = w.await("the message", message -> type(message).equals("chat_msg"));
      assertEquals("player", heard.path("sender").asText());
      assertValid(a);
      assertValid(w);
      a.sendText("{\"type\":\"chat\",\"text\":\"" + "x".repeat(300_000) + "\"}");
      assertEquals(1009, a.awaitClose());
    }
  }

  private static List<JsonNode> errors(ProgramClient client) {
    return client.messages().stream().filter(message -> type(message).equals("error")).toList();
  }

  @Test
  @DisplayName(
      "an upgrade needs a key, a token or an unused ticket of the room, and the socket of a removed"
          + " person is closed")
  void upgradesAreAuthenticated() throws Exception {
    var room = server.room("Doors");
    var host = member(room, "host");
    var bob = member(room, "player");
    var path = room.path("/json");
    assertEquals(401, refused(path));
    assertEquals(403, refused(path, "Parlor-Key", "wrong"));
    assertEquals(
        401, refused(path, "Authorization", "Bearer no", "Parlor-Key", room.key("player")));
    assertEquals(404, refused("/api/rooms/none/json", bob.headers()));
    assertEquals(401, refused(path + "?ticket=unknown"));
    var url = json(bob.post("/tickets", "{}")).path("url").asText();
    var ticket = url.substring(url.lastIndexOf('/') + 1);
    try (var byTicket = ProgramClient.open(server.port(), path + "?ticket=" + ticket)) {
      var sync = byTicket.await("the state", message -> type(message).equals("state_sync"));
      assertEquals(bob.person().identity(), sync.path("identity").asText());
      assertEquals(401, refused(path + "?ticket=" + ticket), "a ticket works once");
      try (var alias =
          ProgramClient.open(server.port(), "/rooms/" + room.slug() + "/json", bob.headers())) {
        alias.await("the state", message -> type(message).equals("state_sync"));
        host.post("/participants/" + bob.person().identity() + "/kick", "{}");
        assertEquals(4403, alias.awaitClose());
        assertEquals(4403, byTicket.awaitClose());
      }
    }
    assertEquals(403, refused(path, bob.headers()));
  }

  private static int refused(String path, String... headers) {
    var failed =
        assertThrows(
            ExecutionException.class, () -> ProgramClient.open(server.port(), path, headers));
    return assertInstanceOf(WebSocketHandshakeException.class, failed.getCause())
        .getResponse()
        .statusCode();
  }

  @Test
  @DisplayName(
      "a program that does not read misses deltas, gets the whole state when it reads again, and"
          + " other programs are not affected")
  void slowReaderIsResynchronised() throws Exception {
    var room = server.room("Slow");
    var ada = member(room, "host");
    var bob = member(room, "player");
    try (var slow = ProgramClient.of(server, bob);
        var quick = ProgramClient.of(server, ada)) {
      slow.pause();
      var window = window(quick.state());
      // The buffers of the system take several MiB before messages wait in the server.
      for (var i = 0; i < 150; i++) {
        var blob = (char) ('a' + i % 26) + "x".repeat(100_000);
        quick.done(
            "window_update",
            ",\"window\":\"" + window + "\",\"props\":{\"blob\":\"" + blob + "\"}");
      }
      quick.done("title", ",\"title\":\"the last\"");
      slow.resume();
      slow.awaitState("the title", state -> state.path("title").asText().equals("the last"));
      var syncs =
          slow.messages().stream().filter(message -> type(message).equals("state_sync")).count();
      assertTrue(syncs >= 2, "the whole state came again");
      assertEquals(documentOf(quick.state()), documentOf(slow.state()));
    }
  }

  @Test
  @DisplayName("the file of the commands' schema equals the schema that the server shows")
  void commandsSchemaIsCurrent() throws Exception {
    var shown = json(server.http().get("/api/commands"));
    var file =
        new ObjectMapper().readTree(Files.readString(schemaFile("room-commands.schema.json")));
    assertEquals(shown, file, shown::toPrettyString);
  }

  @Test
  @DisplayName(
      "each field of each command refuses a wrong type with its name, and absent fields of a"
          + " window stay untouched, over HTTP too")
  void everyFieldIsChecked() throws Exception {
    var room = server.room("Fields");
    var ada = member(room, "host");
    for (var command : json(server.http().get("/api/commands")).path("oneOf")) {
      var name = command.path("title").asText();
      for (var field : command.path("properties").properties()) {
        if (List.of("type", "id").contains(field.getKey())) {
          continue;
        }
        var body = new ObjectMapper().createObjectNode();
        command
            .path("required")
            .forEach(
                each ->
                    example(command.path("properties").path(each.asText()), body, each.asText()));
        if (command.path("properties").has("cardType")) {
          body.put("cardType", "tone");
        }
        var isText = field.getValue().path("type").asText().equals("string");
        body.set(field.getKey(), isText ? body.numberNode(7) : body.textNode("wrong"));
        HttpClientForTests.assertField(
            400, field.getKey(), ada.post("/commands/" + name, body.toString()));
      }
    }
    var window = window(json(ada.get("/state")));
    var before = json(ada.get("/state")).path("windows").path(window);
    var delta = ada.post("/delta", "{\"update\":[{\"window\":\"" + window + "\",\"x\":11}]}");
    assertEquals(200, delta.statusCode(), delta.body());
    var after = (ObjectNode) json(ada.get("/state")).path("windows").path(window);
    assertEquals("11," + before.path("pos").asText().split(",", -1)[1], after.path("pos").asText());
    after.set("pos", before.path("pos"));
    assertEquals(before, after);
    var state = ada.get("/state");
    var etag = state.headers().firstValue("ETag").orElseThrow();
    assertEquals(304, ada.get("/state", "If-None-Match", etag).statusCode());
    var health = json(ada.get("/health"));
    assertEquals("open", health.path("state").asText());
    var alias = server.http().get("/rooms/" + room.slug() + "/health", ada.headers());
    assertEquals(json(state).path("heads"), json(alias).path("heads"));
  }

  private static void example(JsonNode schema, ObjectNode body, String field) {
    switch (schema.path("type").asText()) {
      case "string" ->
          body.put(field, schema.has("enum") ? schema.path("enum").get(0).asText() : "x");
      case "integer" -> body.put(field, schema.path("minimum").asLong());
      case "boolean" -> body.put(field, true);
      default -> {}
    }
  }
}
