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

/** A room has the same state for peers, which read it by sync, and for HTTP clients. */
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

  /** A peer that connected by the sync URL of a role and has received the document. */
  private static TestPeer peer(RoomUnderTest room, String role) throws Exception {
    var document = DocumentId.parse(room.created().path("documentId").asText()).orElseThrow();
    return connect(new TestPeer(role, document), room, role);
  }

  private static TestPeer connect(TestPeer peer, RoomUnderTest room, String role) throws Exception {
    peer.connect(URI.create(room.created().path("sync").path(role).asText()));
    peer.await("the room has arrived", view -> !view.windows().isEmpty());
    return peer;
  }

  private static Set<String> seatedIdentities(JsonNode json) {
    return StreamSupport.stream(json.path("people").spliterator(), false)
        .filter(person -> person.path("seated").asBoolean())
        .map(person -> person.path("identity").asText())
        .collect(Collectors.toSet());
  }

  @Test
  @DisplayName(
      "when five people join a room with two seats at once, every replica has the same two players")
  void seatLimitHoldsInEveryReplica() throws Exception {
    var room = server.room("Two seats");
    try (var host = peer(room, "host");
        var player = peer(room, "player");
        var threads = Executors.newVirtualThreadPerTaskExecutor()) {
      host.edit(_ -> List.of(new Edit.Put(Path.of("settings", "maxPlayers"), Value.of(2))));
      player.await("two seats", view -> view.settings().maxPlayers() == 2);
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
      var seats = seatedIdentities(json);
      assertEquals(2, seats.size());
      for (var peer : List.of(host, player)) {
        var view = peer.await("five people", v -> v.participants().size() == 5);
        var turnOrder = TurnOrder.of(view, Set.of());
        assertEquals(seats, Set.copyOf(turnOrder.players()));
        assertEquals(3, turnOrder.spectators().size());
      }
      for (var member : members) {
        var status = member.post("/play", "{\"type\":\"tone\",\"text\":\"Dry\"}").statusCode();
        assertEquals(seats.contains(member.person().identity()) ? 201 : 403, status);
      }
    }
  }

  @Test
  @DisplayName(
      "a too long name that arrives by sync is shown truncated, and its author gets a notice")
  void tooLongNameIsTruncatedWithANoticeToItsAuthor() throws Exception {
    var room = server.room("Names");
    var ada = room.join("player", server.person("Ada"));
    var adaIdentity = ada.person().identity();
    var document = DocumentId.parse(room.created().path("documentId").asText()).orElseThrow();
    try (var peer = new TestPeer("ada", document)) {
      peer.connect(URI.create(json(ada.post("/tickets", "{}")).path("url").asText()));
      peer.await("Ada has joined", view -> view.participant(adaIdentity).isPresent());
      var name = Path.of("participants", adaIdentity, "name");
      peer.edit(_ -> List.of(new Edit.Put(name, Value.of("x".repeat(300)))));
      peer.awaitEphemeral(1);
      var notice = peer.ephemeral().getFirst().toArray();
      var text = new String(notice, StandardCharsets.UTF_8);
      for (var part :
          List.of("text-cut", "participants/" + adaIdentity + "/name", "lengthMax", adaIdentity)) {
        assertTrue(text.contains(part), () -> part + " in " + text);
      }
      var people = json(ada.get("")).path("people");
      assertEquals("x".repeat(80), people.get(0).path("name").asText());
    }
  }

  @Test
  @DisplayName("a card in the export has every field")
  void exportedCardHasEveryField() {
    var ada = server.room("Export").join("player", server.person("Ada"));
    var status = json(ada.post("/play", "{\"type\":\"tone\",\"text\":\"Dry\"}"));
    var card =
        json(ada.get("/export?as=json"))
            .path("cards")
            .path(status.path("card").path("id").asText());
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
  @DisplayName(
      "two offline peers merge to the same state by a file and by reconnecting to the server")
  void mergeByFileEqualsMergeByServer() throws Exception {
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
      try (var file = Replica.load(Optional.empty(), withoutDuplicates(changes), actor())) {
        connect(ada, room, "host");
        connect(bob, room, "player");
        var merged = file.root();
        ada.await("Ada has the merged state", _ -> ada.root().equals(merged));
        bob.await("Bob has the merged state", _ -> bob.root().equals(merged));
        assertEquals("Ada's Partition, by Bob", RoomView.read(merged).title());
        var response =
            http.client.send(
                http.request(room.path("/export?as=automerge"), "Parlor-Key", room.key("host"))
                    .GET()
                    .build(),
                BodyHandlers.ofByteArray());
        assertEquals(200, response.statusCode());
        try (var exported =
            Replica.load(Optional.of(Bytes.wrap(response.body())), List.of(), actor())) {
          assertEquals(merged, exported.root());
          assertEquals(file.heads(), exported.heads());
        }
      }
    }
  }

  private static List<Bytes> withoutDuplicates(List<Bytes> changes) {
    return List.copyOf(new java.util.LinkedHashSet<>(changes));
  }

  private static ActorId actor() {
    return new ActorId(Bytes.utf8("reader of everything"));
  }

  @Test
  @DisplayName("an answer is unchanged after a restart, in the ledger and in the document")
  void resultsSurviveARestart(@TempDir java.nio.file.Path folder) throws Exception {
    RoomUnderTest room;
    TestServer.Person ada;
    JsonNode before;
    String request;
    try (var first = TestServer.start(folder)) {
      room = first.room("Answers");
      ada = first.person("Ada");
      var member = room.join("host", ada);
      member.post("/play", "{\"type\":\"token-limit\",\"text\":\"12\"}");
      var generation = json(member.post("/generate", "{\"query\":\"Write a haiku\"}"));
      request = generation.path("request").asText();
      before = json(member.get("/results/" + request + "?wait=30"));
      assertEquals("stopped", before.path("status").asText(), before::toString);
      assertTrue(before.path("usage").path("completionTokens").asLong() > 0, before::toString);
    }
    try (var second = TestServer.start(folder)) {
      var member = new RoomUnderTest(second.http(), room.created()).withLink("host", ada);
      assertEquals(before, json(member.get("/results/" + request)));
      var inDocument = json(member.get("")).path("results").path(request);
      for (var field : List.of("by", "query", "prompt", "model", "cards", "usage", "status")) {
        assertEquals(before.path(field), inDocument.path(field), field);
      }
    }
  }
}
