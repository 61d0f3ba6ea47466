package dev.parlor.room.http;

import static dev.parlor.room.http.HttpClientForTests.json;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import dev.parlor.crdt.identity.ActorId;
import dev.parlor.crdt.identity.Bytes;
import dev.parlor.crdt.identity.DocumentId;
import dev.parlor.crdt.replica.Edit;
import dev.parlor.crdt.replica.Path;
import dev.parlor.crdt.replica.Replica;
import dev.parlor.crdt.replica.Value;
import dev.parlor.room.http.TestServer.Member;
import dev.parlor.room.http.TestServer.RoomUnderTest;
import dev.parlor.room.schema.RoomEdits;
import dev.parlor.room.schema.RoomView;
import dev.parlor.room.schema.TurnOrder;
import dev.parlor.room.worker.TestPeer;
import java.net.URI;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import java.util.stream.StreamSupport;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;

/** A room that peers read by sync and programs by HTTP: both see one state. */
@Execution(ExecutionMode.CONCURRENT)
@Timeout(value = 120, unit = TimeUnit.SECONDS)
class RoomReplicasIT {

  private static TestServer server;

  private static HttpClientForTests http;

  @BeforeAll
  static void start(@TempDir java.nio.file.Path folder) throws Exception {
    server = TestServer.start(folder);
    http = server.http();
  }

  @AfterAll
  static void stop() throws Exception {
    server.close();
  }

  /** A peer that connected by the room's link for programs and has the server's document. */
  private static TestPeer peer(RoomUnderTest room, String role) throws Exception {
    var document = DocumentId.parse(room.created().path("documentId").asText()).orElseThrow();
    return connect(new TestPeer(role, document), room, role);
  }

  private static TestPeer connect(TestPeer peer, RoomUnderTest room, String role) throws Exception {
    peer.connect(URI.create(room.created().path("sync").path(role).asText()));
    peer.await("the room is there", view -> !view.windows().isEmpty());
    return peer;
  }

  private static Set<String> seated(JsonNode json) {
    return StreamSupport.stream(json.path("people").spliterator(), false)
        .filter(person -> person.path("seated").asBoolean())
        .map(person -> person.path("identity").asText())
        .collect(Collectors.toSet());
  }

  @Test
  @DisplayName(
      "if five people join a room with two seats at once, every replica has two players and three spectators")
  void seatsAreKeptTo() throws Exception {
    var room = server.room("Two seats");
    try (var host = peer(room, "host");
        var other = peer(room, "player");
        var threads = Executors.newVirtualThreadPerTaskExecutor()) {
      host.edit(_ -> List.of(new Edit.Put(Path.of("settings", "maxPlayers"), Value.of(2))));
      other.await("two seats", view -> view.settings().maxPlayers() == 2);
      var joins = new ArrayList<Callable<Member>>();
      for (var i = 0; i < 5; i++) {
        var person = server.person("p" + i);
        joins.add(() -> room.join("player", person));
      }
      var members = new ArrayList<Member>();
      for (var join : threads.invokeAll(joins)) {
        members.add(join.get());
      }
      var json = json(members.getFirst().get(""));
      assertEquals(5, json.path("participants").size());
      var seats = seated(json);
      assertEquals(2, seats.size());
      for (var peer : List.of(host, other)) {
        var view = peer.await("five people", v -> v.participants().size() == 5);
        var order = TurnOrder.of(view, Set.of());
        assertEquals(seats, Set.copyOf(order.players()));
        assertEquals(3, order.spectators().size());
      }
      for (var member : members) {
        var played = member.post("/play", "{\"type\":\"tone\",\"text\":\"Dry\"}").statusCode();
        assertEquals(seats.contains(member.person().identity()) ? 201 : 403, played);
      }
    }
  }

  @Test
  @DisplayName(
      "a too long name that arrives by sync is read truncated, and its author gets a message")
  void oversizeNameIsCutAndItsWriterTold() throws Exception {
    var room = server.room("Names");
    var ada = room.join("player", server.person("Ada"));
    var me = ada.person().identity();
    var document = DocumentId.parse(room.created().path("documentId").asText()).orElseThrow();
    try (var peer = new TestPeer("ada", document)) {
      peer.connect(URI.create(json(ada.post("/tickets", "{}")).path("url").asText()));
      peer.await("she is in the room", view -> view.participant(me).isPresent());
      var name = Path.of("participants", me, "name");
      peer.edit(_ -> List.of(new Edit.Put(name, Value.of("x".repeat(300)))));
      peer.awaitEphemeral(1);
      var told = peer.ephemeral().getFirst().toArray();
      var text = new String(told, StandardCharsets.UTF_8);
      for (var part : List.of("text-cut", "participants/" + me + "/name", "lengthMax", me)) {
        assertTrue(text.contains(part), () -> part + " in " + text);
      }
      var people = json(ada.get("")).path("people");
      assertEquals("x".repeat(80), people.get(0).path("name").asText());
    }
  }

  @Test
  @DisplayName("a card in the export has every field")
  void exportedCardsAreWhole() {
    var ada = server.room("Export").join("player", server.person("Ada"));
    var played = json(ada.post("/play", "{\"type\":\"tone\",\"text\":\"Dry\"}"));
    var card =
        json(ada.get("/export?as=json"))
            .path("cards")
            .path(played.path("card").path("id").asText());
    var fields = new HashSet<String>();
    card.fieldNames().forEachRemaining(fields::add);
    assertTrue(
        fields.containsAll(
            List.of("type", "text", "image", "by", "at", "order", "turn", "muted", "removedBy")),
        card::toString);
    assertEquals("Dry", card.path("text").asText());
    assertEquals(ada.person().identity(), card.path("by").asText());
  }

  @Test
  @DisplayName("two peers that merge by file have the server's state after both reconnect")
  void mergedByFileIsMergedByServer() throws Exception {
    var room = server.room("Partition");
    try (var ada = peer(room, "host");
        var bob = peer(room, "player")) {
      ada.disconnect();
      bob.disconnect();
      var window = ada.view().windows().getFirst().id();
      ada.edit(_ -> RoomEdits.move(window, 7, 8));
      ada.edit(_ -> List.of(new Edit.SpliceText(Path.of("title"), 0, 0, "Ada's ")));
      bob.edit(_ -> RoomEdits.move(window, 300, 400));
      bob.edit(_ -> List.of(new Edit.SpliceText(Path.of("title"), 9, 0, ", by Bob")));

      var changes = new ArrayList<>(bob.changes());
      changes.addAll(ada.changes());
      try (var file = Replica.load(Optional.empty(), distinct(changes), actor())) {
        connect(ada, room, "host");
        connect(bob, room, "player");
        var merged = file.root();
        ada.await("all is there", _ -> ada.root().equals(merged));
        bob.await("all is there", _ -> bob.root().equals(merged));
        assertEquals("Ada's Partition, by Bob", RoomView.read(merged).title());
        var saved =
            http.client.send(
                http.request(room.path("/export?as=automerge"), "Parlor-Key", room.key("host"))
                    .GET()
                    .build(),
                BodyHandlers.ofByteArray());
        assertEquals(200, saved.statusCode());
        try (var exported =
            Replica.load(Optional.of(Bytes.wrap(saved.body())), List.of(), actor())) {
          assertEquals(merged, exported.root());
          assertEquals(file.heads(), exported.heads());
        }
      }
    }
  }

  private static List<Bytes> distinct(List<Bytes> changes) {
    return List.copyOf(new java.util.LinkedHashSet<>(changes));
  }

  private static ActorId actor() {
    return new ActorId(Bytes.utf8("reader of everything"));
  }

  @Test
  @DisplayName("an answer survives a restart with all its fields")
  void resultsOutliveARestart(@TempDir java.nio.file.Path folder) throws Exception {
    RoomUnderTest room;
    TestServer.Person ada;
    JsonNode before;
    String request;
    try (var first = TestServer.start(folder)) {
      room = first.room("Answers");
      ada = first.person("Ada");
      var member = room.join("host", ada);
      member.post("/play", "{\"type\":\"token-limit\",\"text\":\"12\"}");
      var asked = json(member.post("/generate", "{\"query\":\"Write a haiku\"}"));
      request = asked.path("request").asText();
      before = json(member.get("/results/" + request + "?wait=30"));
      assertEquals("stopped", before.path("status").asText(), before::toString);
      assertTrue(before.path("usage").path("completionTokens").asLong() > 0, before::toString);
    }
    try (var second = TestServer.start(folder)) {
      var member = new RoomUnderTest(second.http(), room.created()).withLink("host", ada);
      assertEquals(before, json(member.get("/results/" + request)));
      var kept = json(member.get("")).path("results").path(request);
      for (var field : List.of("by", "query", "prompt", "model", "cards", "usage", "status")) {
        assertEquals(before.path(field), kept.path(field), field);
      }
    }
  }
}
