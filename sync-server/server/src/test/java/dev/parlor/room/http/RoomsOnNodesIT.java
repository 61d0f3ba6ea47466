package dev.parlor.room.http;

import static dev.parlor.room.http.HttpClientForTests.json;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.parlor.nats.NatsServer;
import dev.parlor.relay.socket.RawClient;
import dev.parlor.room.http.TestServer.Member;
import dev.parlor.room.http.TestServer.RoomUnderTest;
import java.net.URI;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Predicate;
import java.util.function.Supplier;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Two whole servers, node A and node B, on one real nats-server. */
@Timeout(180)
class RoomsOnNodesIT {
  private static final long WAIT_NANOS = 30_000_000_000L;

  private static NatsServer nats;
  private static TestServer a;
  private static TestServer b;

  @BeforeAll
  static void start(@TempDir Path folder) throws Exception {
    nats = NatsServer.start(folder.resolve("nats"));
    nats.init(2, 1);
    a = server(folder.resolve("a"));
    b = server(folder.resolve("b"));
  }

  private static TestServer server(Path folder) throws Exception {
    return TestServer.start(
        Files.createDirectories(folder),
        Map.of("PARLOR_CLUSTER", nats.url(), "PARLOR_CLUSTER_MONITOR", nats.monitor().toString()));
  }

  @AfterAll
  static void stop() throws Exception {
    a.close();
    b.close();
    nats.close();
  }

  private static Member onB(Member member) {
    return new Member(
        new RoomUnderTest(b.http(), member.room().created()), member.role(), member.person());
  }

  private static String ticket(Member member) {
    var url = json(succeeded(member.post("/tickets", "{}"))).path("url").asText();
    return url.substring(url.lastIndexOf('/') + 1);
  }

  private static RawClient syncSocket(TestServer server, Member member) throws Exception {
    var url = "ws://127.0.0.1:" + server.port() + "/sync/t/" + ticket(member);
    return RawClient.join(URI.create(url), "peer-of-" + member.person().identity());
  }

  private static HttpResponse<String> succeeded(HttpResponse<String> response) {
    assertTrue(response.statusCode() < 300, response.statusCode() + " " + response.body());
    return response;
  }

  private static void await(String what, Supplier<JsonNode> read, Predicate<JsonNode> wanted) {
    var end = System.nanoTime() + WAIT_NANOS;
    var last = read.get();
    while (!wanted.test(last)) {
      assertTrue(System.nanoTime() - end < 0, what + " within 30 s, but there is " + last);
      LockSupport.parkNanos(20_000_000);
      last = read.get();
    }
  }

  @Test
  @DisplayName("[AC9] [AC10] a host on one node closes sockets and event streams on another node")
  void decisionsReachOtherNodes() throws Exception {
    var room = a.room("A room");
    var host = room.join("host", a.person("Ada"));
    var bo = room.join("player", a.person("Bo"));
    var cy = room.join("player", a.person("Cy"));
    var bosPath = "/participants/" + bo.person().identity();
    try (var stays = ProgramClient.of(b, onB(cy))) {
      try (var socket = ProgramClient.of(b, onB(bo));
          var sync = syncSocket(b, onB(bo))) {
        succeeded(host.post(bosPath + "/role", "{\"role\":\"spectator\"}"));
        assertEquals(4001, socket.awaitClose());
        assertEquals(4001, sync.awaitClose().code());
      }
      var ticket = ticket(onB(bo));
      try (var socket = ProgramClient.of(b, onB(bo));
          var events =
              new EventSourceForTests(b.http().uri(room.path("/events?ticket=" + ticket)))) {
        events.awaitOpen();
        succeeded(host.post(bosPath + "/kick", "{}"));
        assertEquals(4403, socket.awaitClose());
        var next = events.next();
        while (next.failedStatus() == 0) {
          next = events.next();
        }
        assertEquals(403, next.failedStatus(), "the stream ends, and its ticket is refused");
        assertEquals(403, onB(bo).get("").statusCode());
      }
      try (var sync = syncSocket(b, onB(cy))) {
        succeeded(host.delete("/links/player"));
        assertEquals(4403, sync.awaitClose().code());
        assertEquals(4403, stays.awaitClose());
      }
    }
  }

  @Test
  @DisplayName("[TU3] a person on another node is not away, a person who left all nodes is")
  void turnsAreAgreed() throws Exception {
    var maker = a.room("Turns").join("host", a.person("Maker"));
    var file = (ObjectNode) json(maker.get("/export?as=json"));
    ((ObjectNode) file.path("settings")).put("turnMode", "turns");
    ((ObjectNode) file.path("participants")).removeAll();
    var imported = succeeded(a.http().post("/api/rooms/import", file.toString()));
    var room = new RoomUnderTest(a.http(), json(imported));
    var ada = room.join("player", a.person("Ada"));
    var ben = room.join("player", a.person("Ben"));
    var cleo = room.join("player", a.person("Cleo"));
    await(
        "node B has the people",
        () -> json(onB(ada).get("")),
        state -> state.path("people").size() == 3);
    try (var benOnA = ProgramClient.of(a, ben)) {
      try (var adaOnB = ProgramClient.of(b, onB(ada))) {
        try (var adaOnA = ProgramClient.of(a, ada);
            var cleoOnA = ProgramClient.of(a, cleo)) {
          adaOnA.await("presence", message -> true);
          cleoOnA.await("presence", message -> true);
        }
        for (var member : new Member[] {cleo, onB(cleo)}) {
          await("cleo is away", () -> json(member.get("")), state -> isAway(state, cleo));
        }
        assertFalse(isAway(json(ada.get("")), ada), "ada is connected to node B");
        assertEquals(ada.person().identity(), holder(ada));
        assertTrue(adaOnB.messages().size() > 0);
      }
      for (var member : new Member[] {ada, onB(ada)}) {
        await("ada is away", () -> json(member.get("")), state -> isAway(state, ada));
        assertEquals(ben.person().identity(), holder(member));
      }
      assertTrue(benOnA.messages().size() > 0);
    }
  }

  private static boolean isAway(JsonNode state, Member member) {
    for (var person : state.path("people")) {
      if (person.path("identity").asText().equals(member.person().identity())) {
        return person.path("away").asBoolean();
      }
    }
    throw new AssertionError(member.person() + " is not in " + state);
  }

  private static String holder(Member member) {
    return json(member.get("")).path("turn").path("holder").asText();
  }

  @Test
  @DisplayName("a program hears the presence of a program on another node, and its end")
  void presenceCrossesNodes() throws Exception {
    var room = a.room("A room");
    var ada = room.join("player", a.person("Ada"));
    var bo = room.join("player", a.person("Bo"));
    try (var listener = ProgramClient.of(a, ada)) {
      var client = ProgramClient.of(b, onB(bo));
      var presence =
          listener.await(
              "the presence of Bo",
              message ->
                  ProgramClient.type(message).equals("presence")
                      && message.path("identity").asText().equals(bo.person().identity()));
      client.close();
      listener.await(
          "the end of the presence of Bo",
          message ->
              message.path("gone").asBoolean()
                  && message.path("peer").equals(presence.path("peer")));
    }
  }

  @Test
  @DisplayName("a stream that resumes on another node begins with reload")
  void resumeOnAnotherNodeReloads() throws Exception {
    var ada = a.room("A room").join("player", a.person("Ada"));
    String id;
    var first = ticket(ada);
    try (var events =
        new EventSourceForTests(a.http().uri(ada.room().path("/events?ticket=" + first)))) {
      id = events.awaitId();
    }
    var second = ticket(onB(ada));
    try (var events =
        new EventSourceForTests(
            b.http().uri(ada.room().path("/events?ticket=" + second + "&lastEventId=" + id)))) {
      assertEquals("reload", events.next().name());
    }
  }

  @Test
  @DisplayName("what node A has acknowledged is read from node B at once if B opens the room then")
  void firstReadSeesEverything() {
    var room = a.room("A room");
    var host = room.join("host", a.person("Ada"));
    var bo = room.join("player", a.person("Bo"));
    succeeded(bo.post("/chat", "{\"text\":\"hello\"}"));
    succeeded(bo.post("/play", "{\"type\":\"tone\",\"text\":\"Dry\"}"));
    succeeded(host.post("/lock", "{\"locked\":true}"));
    var state = json(succeeded(onB(bo).get("")));
    assertEquals(2, state.path("people").size(), state::toString);
    assertTrue(state.toString().contains("hello"), state::toString);
    assertTrue(state.toString().contains("Dry"), state::toString);
    assertTrue(succeeded(onB(bo).get("/export?as=markdown")).body().contains("hello"));
    var fork = succeeded(bo.post("/fork", "{}"));
    var copy = new RoomUnderTest(b.http(), json(fork)).withLink("host", bo.person());
    assertTrue(succeeded(copy.get("")).body().contains("Dry"));
    var invitation = json(succeeded(host.post("/invitations", "{\"role\":\"player\"}")));
    var listed = json(succeeded(onB(host).get("/invitations"))).toString();
    assertTrue(listed.contains(invitation.path("id").asText()), listed);
  }

  @Test
  @DisplayName("an open room on node B has each change that node A acknowledged within seconds")
  void openRoomFollows() throws Exception {
    var bo = a.room("A room").join("player", a.person("Bo"));
    succeeded(onB(bo).get(""));
    for (var i = 0; i < 20; i++) {
      var text = "message number " + i + ".";
      succeeded(bo.post("/chat", "{\"text\":\"" + text + "\"}"));
      await(text, () -> json(onB(bo).get("")), state -> state.toString().contains(text));
    }
  }
}
