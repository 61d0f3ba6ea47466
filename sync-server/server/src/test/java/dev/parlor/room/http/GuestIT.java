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

/** An unmodified automerge-repo client that connects to a room's {@code sync} URL is a guest. */
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

  /** Starts an automerge-repo client in Node that connects to the sync URL of a role. */
  private static NodeProcess guest(Member host, String role, String... moreArguments)
      throws Exception {
    var created = host.room().created();
    var arguments = new ArrayList<Object>();
    arguments.add(created.path("sync").path(role).asText());
    arguments.add(created.path("documentId").asText());
    arguments.addAll(List.of(moreArguments));
    return NodeProcess.scenario("guest", arguments.toArray());
  }

  private static JsonNode entry(Member host, String guest) {
    return json(host.get("")).path("participants").path(guest);
  }

  /**
   * Polls the room until a guest's entry meets the condition, since no message announces the
   * change.
   */
  private static JsonNode await(Member host, String guest, Predicate<JsonNode> condition)
      throws Exception {
    var end = System.nanoTime() + Duration.ofSeconds(30).toNanos();
    while (true) {
      var entry = entry(host, guest);
      if (condition.test(entry)) {
        return entry;
      }
      assertTrue(System.nanoTime() < end, () -> "timeout; the entry is " + entry);
      Thread.onSpinWait();
    }
  }

  @Test
  @DisplayName(
      "a guest with the player URL gets a seat, can generate, and loses the seat after it leaves")
  void guestGetsASeatAndCanGenerate() throws Exception {
    var host = server.room("A room").join("host", server.person("Ada"));
    var before = System.currentTimeMillis();
    String guestIdentity;
    try (var node = guest(host, "player")) {
      guestIdentity = node.expect("here").replace("\"", "");
      var seated = Json.read(node.expect("seated"));
      assertEquals("player", seated.path("role").asText());
      assertTrue(seated.path("joinedAt").asLong() >= before - 1_000, seated.toString());
      assertEquals("{\"status\":\"done\",\"reason\":\"\"}", node.expect("answered"));
      assertEquals(
          seated.path("joinedAt").asLong(), entry(host, guestIdentity).path("joinedAt").asLong());
      assertEquals("Robot", entry(host, guestIdentity).path("name").asText());
      node.go();
      node.expect("passed");
      node.succeeds();
    }
    var afterLeaving =
        await(host, guestIdentity, entry -> entry.path("role").asText().equals("spectator"));
    assertEquals("Robot", afterLeaving.path("name").asText(), "the entry keeps its name");
  }

  @Test
  @DisplayName("a guest with the host URL gets the role host")
  void guestWithTheHostUrlGetsAHostSeat() throws Exception {
    var host = server.room("A room").join("host", server.person("Ada"));
    try (var node = guest(host, "host")) {
      assertEquals("host", Json.read(node.expect("seated")).path("role").asText());
    }
  }

  @Test
  @DisplayName("[AD6] a guest's change that writes its own role is refused and not applied")
  void forgedRoleOfAGuestIsRefused() throws Exception {
    var host = server.room("A room").join("host", server.person("Ada"));
    try (var node = guest(host, "player", "forge")) {
      var guestIdentity = node.expect("here").replace("\"", "");
      node.go();
      node.expect("forged");
      var end = System.nanoTime() + Duration.ofSeconds(20).toNanos();
      while (!server.http().get("/metrics").body().contains("rule=\"AD6\"")) {
        assertTrue(System.nanoTime() < end, "the refusal was never counted");
        Thread.onSpinWait();
      }
      assertTrue(entry(host, guestIdentity).isMissingNode());
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
      "a participant who replaces their whole entry by sync keeps the role and the join time")
  void replacedEntryKeepsRoleAndJoinTime() throws Exception {
    var host = server.room("A room").join("host", server.person("Ada"));
    var hostIdentity = host.person().identity();
    var joinedAt = entry(host, hostIdentity).path("joinedAt").asLong();
    try (var peer = peer(host)) {
      peer.await("the host has joined", view -> view.participant(hostIdentity).isPresent());
      peer.edit(
          _ ->
              entry(
                  hostIdentity,
                  Value.map("name", Value.of("Countess"), "joinedAt", Value.of("yesterday"))));
      var view =
          peer.await(
              "the server restores role and join time",
              now ->
                  now.participant(hostIdentity)
                      .filter(person -> person.name().equals("Countess"))
                      .filter(person -> person.role() == Participant.Role.HOST)
                      .filter(person -> person.joinedAt() == joinedAt)
                      .isPresent());
      assertEquals(1, view.participants().size());
    }
  }

  @Test
  @DisplayName("an identity that connected only by a ticket gets a seat once it writes its entry")
  void memberWithoutJoinIsSeatedWhenItWritesItsEntry() throws Exception {
    var room = server.room("A room");
    var host = room.join("host", server.person("Ada"));
    var bo = room.withLink("player", server.person("Bo"));
    var boIdentity = bo.person().identity();
    try (var peer = peer(bo)) {
      peer.await(
          "the host has joined", view -> view.participant(host.person().identity()).isPresent());
      peer.edit(_ -> entry(boIdentity, Value.map("name", Value.of("Bo"))));
      peer.await(
          "the server gives it a seat",
          now ->
              now.participant(boIdentity)
                  .filter(person -> person.role() == Participant.Role.PLAYER)
                  .filter(person -> person.joinedAt() > 0)
                  .isPresent());
    }
  }

  @Test
  @DisplayName("a guest that does not reconnect after a restart of the server loses its seat")
  void guestThatDoesNotReconnectAfterARestartLosesItsSeat(@TempDir Path folder) throws Exception {
    Member host;
    String guestIdentity;
    try (var first = TestServer.start(folder)) {
      host = first.room("A room").join("host", first.person("Ada"));
      try (var node = guest(host, "player")) {
        guestIdentity = node.expect("here").replace("\"", "");
        node.expect("answered");
        assertEquals("player", entry(host, guestIdentity).path("role").asText());
      }
    }
    try (var second = TestServer.start(folder)) {
      var room = new TestServer.RoomUnderTest(second.http(), host.room().created());
      var hostAfterRestart = new Member(room, "host", host.person());
      assertEquals("host", json(hostAfterRestart.post("/join", "{}")).path("role").asText());
      await(
          hostAfterRestart,
          guestIdentity,
          entry -> entry.path("role").asText().equals("spectator"));
    }
  }
}
