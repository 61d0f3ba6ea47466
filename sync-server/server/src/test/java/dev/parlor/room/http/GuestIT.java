package dev.parlor.room.http;

import static dev.parlor.room.http.HttpClientForTests.json;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import dev.parlor.crdt.identity.DocumentId;
import dev.parlor.crdt.replica.Edit;
import dev.parlor.crdt.replica.Value;
import dev.parlor.relay.interop.NodeProcess;
import dev.parlor.room.http.TestServer.Member;
import dev.parlor.room.schema.Participant;
import dev.parlor.room.worker.TestPeer;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Predicate;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** An unmodified automerge-repo client at a room's {@code sync} address takes part as a guest. */
class GuestIT {
  private static TestServer server;

  @BeforeAll
  static void start(@TempDir Path folder) throws Exception {
    server = TestServer.start(folder);
  }

  @AfterAll
  static void stop() throws Exception {
    server.close();
  }

  private static NodeProcess guest(Member host, String role, String... more) throws Exception {
    var created = host.room().created();
    var arguments = new ArrayList<Object>();
    arguments.add(created.path("sync").path(role).asText());
    arguments.add(created.path("documentId").asText());
    arguments.addAll(List.of(more));
    return NodeProcess.scenario("guest", arguments.toArray());
  }

  private static JsonNode entry(Member host, String guest) {
    return json(host.get("")).path("participants").path(guest);
  }

  /**
   * Waits until the entry meets the condition by polling the room: no message announces the change.
   */
  private static JsonNode await(Member host, String guest, Predicate<JsonNode> condition)
      throws Exception {
    var end = System.nanoTime() + Duration.ofSeconds(30).toNanos();
    while (true) {
      var entry = entry(host, guest);
      if (condition.test(entry)) {
        return entry;
      }
      assertTrue(System.nanoTime() < end, () -> "waited in vain; the entry is " + entry);
      Thread.onSpinWait();
    }
  }

  @Test
  @DisplayName(
      "a guest with a player's URL gets a seat, may generate, and loses the seat after leaving")
  void guestIsSeatedAndAsks() throws Exception {
    var host = server.room("A room").join("host", server.person("Ada"));
    var before = System.currentTimeMillis();
    String me;
    try (var node = guest(host, "player")) {
      me = node.expect("here").replace("\"", "");
      var seated = Json.read(node.expect("seated"));
      assertEquals("player", seated.path("role").asText());
      assertTrue(seated.path("joinedAt").asLong() >= before - 1_000, seated.toString());
      assertEquals("{\"status\":\"done\",\"reason\":\"\"}", node.expect("answered"));
      assertEquals(seated.path("joinedAt").asLong(), entry(host, me).path("joinedAt").asLong());
      assertEquals("Robot", entry(host, me).path("name").asText());
      node.go();
      node.expect("passed");
      node.succeeds();
    }
    var gone = await(host, me, entry -> entry.path("role").asText().equals("spectator"));
    assertEquals("Robot", gone.path("name").asText(), "words keep their name");
  }

  @Test
  @DisplayName("a guest with the host's URL gets a host's seat")
  void guestByTheHostsAddress() throws Exception {
    var host = server.room("A room").join("host", server.person("Ada"));
    try (var node = guest(host, "host")) {
      assertEquals("host", Json.read(node.expect("seated")).path("role").asText());
    }
  }

  @Test
  @DisplayName("[AD6] a guest's change to its own role is refused and leaves no trace")
  void guestGivesItselfARole() throws Exception {
    var host = server.room("A room").join("host", server.person("Ada"));
    try (var node = guest(host, "player", "forge")) {
      var me = node.expect("here").replace("\"", "");
      node.go();
      node.expect("forged");
      var end = System.nanoTime() + Duration.ofSeconds(20).toNanos();
      while (!server.http().get("/metrics").body().contains("rule=\"AD6\"")) {
        assertTrue(System.nanoTime() < end, "the refusal was never counted");
        Thread.onSpinWait();
      }
      assertTrue(entry(host, me).isMissingNode());
      node.go();
    }
  }

  private static TestPeer peer(Member member) throws Exception {
    var document = DocumentId.parse(member.room().created().path("documentId").asText());
    var ticket = json(member.post("/tickets", "{}")).path("url").asText();
    return new TestPeer("web", document.orElseThrow()).connect(URI.create(ticket));
  }

  private static List<Edit> entry(String identity, Value value) {
    return List.of(new Edit.Put(dev.parlor.crdt.replica.Path.of("participants", identity), value));
  }

  @Test
  @DisplayName(
      "a member that replaces its whole entry by sync keeps its role and its time of joining")
  void replacedEntryIsCompleted() throws Exception {
    var host = server.room("A room").join("host", server.person("Ada"));
    var me = host.who().identity();
    var joinedAt = entry(host, me).path("joinedAt").asLong();
    try (var peer = peer(host)) {
      peer.await("it is here", view -> view.participant(me).isPresent());
      peer.edit(
          _ ->
              entry(
                  me, Value.map("name", Value.of("Countess"), "joinedAt", Value.of("yesterday"))));
      var view =
          peer.await(
              "the server completes it",
              now ->
                  now.participant(me)
                      .filter(person -> person.name().equals("Countess"))
                      .filter(person -> person.role() == Participant.Role.HOST)
                      .filter(person -> person.joinedAt() == joinedAt)
                      .isPresent());
      assertEquals(1, view.participants().size());
    }
  }

  @Test
  @DisplayName("an identity that connected only by a ticket gets a seat once it writes its entry")
  void memberWithoutJoin() throws Exception {
    var room = server.room("A room");
    var host = room.join("host", server.person("Ada"));
    var bo = room.with("player", server.person("Bo"));
    var me = bo.who().identity();
    try (var peer = peer(bo)) {
      peer.await("it is here", view -> view.participant(host.who().identity()).isPresent());
      peer.edit(_ -> entry(me, Value.map("name", Value.of("Bo"))));
      peer.await(
          "the server seats it",
          now ->
              now.participant(me)
                  .filter(person -> person.role() == Participant.Role.PLAYER)
                  .filter(person -> person.joinedAt() > 0)
                  .isPresent());
    }
  }

  @Test
  @DisplayName("a guest that does not reconnect after a restart of the server loses its seat")
  void restart(@TempDir Path folder) throws Exception {
    Member host;
    String me;
    try (var first = TestServer.start(folder)) {
      host = first.room("A room").join("host", first.person("Ada"));
      try (var node = guest(host, "player")) {
        me = node.expect("here").replace("\"", "");
        node.expect("answered");
        assertEquals("player", entry(host, me).path("role").asText());
      }
    }
    try (var second = TestServer.start(folder)) {
      var room = new TestServer.RoomUnderTest(second.http(), host.room().created());
      var again = new Member(room, "host", host.who());
      assertEquals("host", json(again.post("/join", "{}")).path("role").asText());
      await(again, me, entry -> entry.path("role").asText().equals("spectator"));
    }
  }
}
