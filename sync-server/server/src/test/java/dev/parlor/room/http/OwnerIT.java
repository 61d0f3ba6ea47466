package dev.parlor.room.http;

import static dev.parlor.room.http.HttpClientForTests.assertField;
import static dev.parlor.room.http.HttpClientForTests.assertProblem;
import static dev.parlor.room.http.HttpClientForTests.json;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import dev.parlor.room.http.TestServer.Person;
import dev.parlor.room.http.TestServer.RoomUnderTest;
import java.net.URI;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.WebSocket;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Roles belong to people: the owner, hosts by membership, and the recovery key. */
class OwnerIT {
  private static TestServer server;

  @BeforeAll
  static void start(@TempDir Path folder) throws Exception {
    server = TestServer.start(folder);
  }

  @AfterAll
  static void stop() throws Exception {
    server.close();
  }

  /** A person with any key, or without a key if it is empty. */
  private record Bearer(RoomUnderTest room, Person who, String key) {
    HttpResponse<String> send(String method, String rest, String body) {
      var headers =
          key.isEmpty()
              ? new String[] {"Authorization", "Bearer " + who.token()}
              : new String[] {"Authorization", "Bearer " + who.token(), "Parlor-Key", key};
      var request = room.http().request(room.path(rest), headers);
      return room.http()
          .send(
              body.isEmpty()
                  ? request.method(method, BodyPublishers.noBody()).build()
                  : request
                      .header("Content-Type", "application/json")
                      .method(method, BodyPublishers.ofString(body))
                      .build());
    }

    HttpResponse<String> get(String rest) {
      return send("GET", rest, "");
    }

    HttpResponse<String> post(String rest, String body) {
      return send("POST", rest, body);
    }

    JsonNode join() {
      var answer = post("/join", "{}");
      assertEquals(200, answer.statusCode(), answer.body());
      return json(answer);
    }

    Bearer joined() {
      var _ = join();
      return this;
    }

    Bearer with(String otherKey) {
      return new Bearer(room, who, otherKey);
    }

    HttpResponse<String> role(Bearer other, String role) {
      return post("/participants/" + other.who.identity() + "/role", "{\"role\":\"" + role + "\"}");
    }

    HttpResponse<String> kick(Bearer other) {
      return post("/participants/" + other.who.identity() + "/kick", "{}");
    }

    CompletableFuture<String> socket() {
      var ticket = post("/tickets", "{}");
      assertEquals(201, ticket.statusCode(), ticket.body());
      var ended = new CompletableFuture<String>();
      var _ =
          server
              .http()
              .client
              .newWebSocketBuilder()
              .buildAsync(
                  URI.create(json(ticket).path("url").asText()),
                  new WebSocket.Listener() {
                    @Override
                    public CompletionStage<?> onClose(WebSocket socket, int code, String reason) {
                      ended.complete(code + " " + reason);
                      return CompletableFuture.completedStage(null);
                    }
                  })
              .join();
      return ended;
    }

    String roleInTheDocument() {
      return json(get("")).path("participants").path(who.identity()).path("role").asText();
    }
  }

  /** A room that Ada created with her token. */
  private static Bearer ada() {
    var ada = server.person("Ada");
    var made =
        server
            .http()
            .post("/api/rooms", "{\"title\":\"x\"}", "Authorization", "Bearer " + ada.token());
    assertEquals(201, made.statusCode(), made.body());
    var room = new RoomUnderTest(server.http(), json(made));
    return new Bearer(room, ada, room.key("host")).joined();
  }

  private static Bearer person(Bearer host, String name, String role) {
    return new Bearer(host.room(), server.person(name), host.room().key(role));
  }

  private static String keyOf(JsonNode link) {
    return link.asText().substring(link.asText().indexOf("#k=") + 3);
  }

  @Test
  @DisplayName("the key in the address bar is the player's: a second person becomes a player")
  void addressBarMakesPlayers() throws Exception {
    var ada = ada();
    var address = ada.join().path("addressKey").asText();
    assertEquals(ada.room().key("player"), address);
    var bo = new Bearer(ada.room(), server.person("Bo"), address);
    var joined = bo.join();
    assertEquals("player", joined.path("role").asText());
    assertTrue(joined.path("addressKey").isNull(), "all others keep the key that they joined by");
    assertEquals(ada.who().identity(), joined.path("room").path("owner").asText());
    assertProblem(403, "not-host", bo.kick(ada));
    assertProblem(403, "not-host", bo.send("DELETE", "/links/host", ""));
    assertProblem(403, "not-host", bo.with(ada.key()).send("DELETE", "/links/host", ""));
    assertProblem(403, "not-host", bo.get("/links"));
    for (var role : List.of("spectator", "player")) {
      assertTrue(person(ada, "Cy", role).join().path("addressKey").isNull(), role);
    }
    var invitation = json(ada.post("/invitations", "{\"role\":\"host\"}"));
    var invited = new Bearer(ada.room(), server.person("Di"), keyOf(invitation.path("link")));
    assertTrue(invited.join().path("addressKey").isNull(), "an invitation's key is kept");
  }

  @Test
  @DisplayName("owner and hosts stay hosts with any key of the room, an ended key or none")
  void membershipCountsWhateverKey() throws Exception {
    var ada = ada();
    var bo = person(ada, "Bo", "host").joined();
    var live = List.of(ada.socket(), bo.socket());
    var before = ada.room().key("host");
    assertEquals(200, bo.send("DELETE", "/links/host", "").statusCode());
    for (var host : List.of(ada, bo)) {
      for (var key :
          List.of(before, "", ada.room().key("spectator"), ada.room().key("player"), "nonsense")) {
        var with = host.with(key);
        assertEquals(200, with.get("/links").statusCode(), key);
        assertEquals("host", json(with.post("/tickets", "{}")).path("role").asText(), key);
        assertEquals("host", with.join().path("role").asText(), key);
        assertEquals("host", host.roleInTheDocument(), key);
      }
      assertEquals(ada.room().key("player"), host.with(before).join().path("addressKey").asText());
    }
    live.forEach(socket -> assertFalse(socket.isDone(), "no host is disconnected"));
    var cy = person(ada, "Cy", "host");
    assertProblem(403, "revoked", cy.post("/join", "{}"));
  }

  @Test
  @DisplayName("a player's membership is kept, and ends with the link that the player joined by")
  void playersStayByTheirLink() {
    var ada = ada();
    var bo = person(ada, "Bo", "player").joined();
    var host = ada.room().key("host");
    assertEquals(200, ada.send("DELETE", "/links/host", "").statusCode());
    for (var key : List.of("", host, ada.room().key("spectator"))) {
      assertEquals("player", json(bo.with(key).post("/tickets", "{}")).path("role").asText(), key);
      assertProblem(403, "not-host", bo.with(key).get("/links"));
    }
    assertProblem(403, "wrong-key", bo.with("nonsense").post("/tickets", "{}"));
    bo.joined();
    assertEquals(200, ada.send("DELETE", "/links/player", "").statusCode());
    assertProblem(403, "revoked", bo.post("/tickets", "{}"));
    assertProblem(401, "unauthorized", bo.with("").post("/tickets", "{}"));
    var stranger = new Bearer(ada.room(), server.person("Eve"), "");
    assertProblem(401, "unauthorized", stranger.post("/join", "{}"));
  }

  @Test
  @DisplayName(
      "the owner cannot be removed or demoted, and only the owner can remove or demote a host")
  void ownerIsSafe() throws Exception {
    var ada = ada();
    var bo = person(ada, "Bo", "host").joined();
    var cy = person(ada, "Cy", "host").joined();
    for (var role : List.of("player", "spectator", "host")) {
      assertProblem(403, "owner", bo.role(ada, role));
    }
    assertProblem(403, "owner", bo.kick(ada));
    assertProblem(
        403,
        "owner",
        bo.post("/participants/" + ada.who().identity() + "/kick", "{\"endLink\":true}"));
    assertProblem(403, "not-owner", bo.role(cy, "player"));
    assertProblem(403, "not-owner", bo.kick(cy));
    assertEquals("host", cy.with("").join().path("role").asText());

    var socket = cy.socket();
    assertEquals(200, ada.with("").role(cy, "player").statusCode());
    assertEquals(
        "4001 [AC10] a host changed what you may do here; come in again",
        socket.get(10, TimeUnit.SECONDS));
    for (var key : List.of(ada.room().key("host"), ada.room().key("player"), "")) {
      assertEquals("player", cy.with(key).join().path("role").asText(), "no link gives it back");
      assertProblem(403, "not-host", cy.with(key).get("/links"));
    }
    assertEquals(200, bo.kick(cy).statusCode(), "a player is any host's to remove");
  }

  @Test
  @DisplayName("a host that the owner removed is a player after being let in again, by any link")
  void removedHostComesBackAsPlayer() {
    var ada = ada();
    var bo = person(ada, "Bo", "host").joined();
    assertEquals(200, ada.kick(bo).statusCode());
    assertProblem(403, "kicked", bo.with("").post("/join", "{}"));
    var path = "/participants/" + bo.who().identity() + "/kick";
    assertEquals(200, ada.send("DELETE", path, "").statusCode());
    assertEquals("player", bo.join().path("role").asText());
    assertEquals("player", bo.roleInTheDocument());
  }

  @Test
  @DisplayName(
      "the first person to join a room without an owner by the host link becomes its owner")
  void firstHostOwnsARoomWithoutOwner() {
    var room = server.room("nobody's");
    var al = new Bearer(room, server.person("Al"), room.key("host"));
    var invitation = json(al.post("/invitations", "{\"role\":\"host\"}"));
    var bo = new Bearer(room, server.person("Bo"), keyOf(invitation.path("link"))).joined();
    var cy = new Bearer(room, server.person("Cy"), keyOf(invitation.path("link"))).joined();
    assertTrue(bo.join().path("room").path("owner").isNull(), "an invitation makes no owner");
    assertProblem(403, "not-owner", bo.post("/recovery-key", "{}"));
    assertEquals(200, bo.role(cy, "player").statusCode(), "until then hosts are equal");
    assertEquals(200, bo.role(cy, "host").statusCode());

    var di = new Bearer(room, server.person("Di"), room.key("host")).joined();
    assertEquals(di.who().identity(), bo.join().path("room").path("owner").asText());
    assertProblem(403, "owner", bo.role(di, "player"));
    assertProblem(403, "not-owner", bo.role(cy, "player"));
    assertEquals(200, di.role(cy, "player").statusCode());
  }

  @Test
  @DisplayName("of two hosts that demote each other at the same time, one stays a host")
  void twoHostsRace() throws Exception {
    for (var round = 0; round < 5; round++) {
      var room = server.room("a race");
      var al = new Bearer(room, server.person("Al"), room.key("host"));
      var invitation = json(al.post("/invitations", "{\"role\":\"host\"}"));
      var bo = new Bearer(room, server.person("Bo"), keyOf(invitation.path("link"))).joined();
      var cy = new Bearer(room, server.person("Cy"), keyOf(invitation.path("link"))).joined();
      Callable<Integer> first = () -> bo.role(cy, "player").statusCode();
      Callable<Integer> second = () -> cy.role(bo, "player").statusCode();
      var answers = new ArrayList<Integer>();
      try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
        for (var answer : threads.invokeAll(List.of(first, second))) {
          answers.add(answer.get());
        }
      }
      answers.sort(null);
      assertEquals(List.of(200, 403), answers);
    }
  }

  @Test
  @DisplayName(
      "[AC13] the recovery key makes a new identity the owner and ends the old owner's power")
  void recovery() throws Exception {
    var ada = ada();
    var bo = person(ada, "Bo", "host").joined();
    assertProblem(403, "not-owner", bo.post("/recovery-key", "{}"));
    assertProblem(403, "not-owner", bo.get("/recovery-key"));
    assertTrue(json(ada.get("/recovery-key")).path("madeAt").isNull());
    var first = json(ada.post("/recovery-key", "{}")).path("recoveryKey").asText();
    var second = json(ada.post("/recovery-key", "{}")).path("recoveryKey").asText();
    assertNotEquals(first, second);
    assertTrue(json(ada.get("/recovery-key")).path("madeAt").asLong() > 0);
    assertFalse(ada.get("/recovery-key").body().contains(second));

    var back = new Bearer(ada.room(), server.person("Ada again"), "");
    var wrong = back.post("/recover", "{\"recoveryKey\":\"" + first + "\"}");
    assertProblem(403, "wrong-recovery-key", wrong);
    assertEquals("AC13", json(wrong).path("rule").asText());
    assertField(400, "recoveryKey", back.post("/recover", "{}"));
    var socket = ada.socket();
    var used = back.post("/recover", "{\"recoveryKey\":\"" + second + "\"}");
    assertEquals(200, used.statusCode(), used.body());
    assertEquals(
        "4001 [AC10] a host changed what you may do here; come in again",
        socket.get(10, TimeUnit.SECONDS));
    assertEquals("host", back.join().path("role").asText());
    assertEquals(back.who().identity(), back.join().path("room").path("owner").asText());
    for (var key : List.of(ada.key(), "")) {
      assertEquals("player", ada.with(key).join().path("role").asText(), "no link gives it back");
    }
    assertProblem(403, "not-host", ada.get("/links"));
    assertProblem(403, "not-host", ada.kick(back));
    assertProblem(403, "owner", bo.kick(back));
    assertEquals("player", ada.roleInTheDocument());
    assertEquals(200, back.role(bo, "player").statusCode(), "the new one is owner in full");
    assertEquals(200, back.kick(ada).statusCode());
  }

  @Test
  @DisplayName("[AC13] recovery works even if a host removed the new identity or ended links")
  void recoveryAgainstAHost() {
    var ada = ada();
    var bo = person(ada, "Bo", "host").joined();
    var key = json(ada.post("/recovery-key", "{}")).path("recoveryKey").asText();
    var back = person(ada, "Ada again", "player").joined();
    assertEquals(200, bo.kick(back).statusCode());
    for (var role : List.of("host", "player", "spectator")) {
      assertEquals(200, bo.send("DELETE", "/links/" + role, "").statusCode());
    }
    assertProblem(403, "kicked", back.post("/join", "{}"));
    var used = back.with("").post("/recover", "{\"recoveryKey\":\"" + key + "\"}");
    assertEquals(200, used.statusCode(), used.body());
    assertEquals("host", back.with("").join().path("role").asText());
    assertEquals("host", back.roleInTheDocument());
    var shown = json(back.get("")).path("participants").path(back.who().identity());
    assertTrue(shown.path("removedBy").isNull(), shown.toString());
  }

  @Test
  @DisplayName("[AC13] attempts with a recovery key are limited per address and room")
  void recoveryIsLimited() {
    var ada = ada();
    var eve = new Bearer(ada.room(), server.person("Eve"), "");
    for (var i = 0; i < 10; i++) {
      assertProblem(
          403, "wrong-recovery-key", eve.post("/recover", "{\"recoveryKey\":\"rec_" + i + "\"}"));
    }
    var last = eve.post("/recover", "{\"recoveryKey\":\"rec_x\"}");
    assertProblem(429, "too-many-requests", last);
  }

  @Test
  @DisplayName(
      "a room's secret is never asked of its owner, and asked of others before they recover")
  void secretRoom() {
    var ada = server.person("Ada");
    var word =
        "{\"secret\":{\"salt\":\"AAAAAAAAAAAAAAAAAAAAAA\",\"iterations\":100000,"
            + "\"storedKey\":\"AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA\"}}";
    var made = server.http().post("/api/rooms", word, "Authorization", "Bearer " + ada.token());
    assertEquals(201, made.statusCode(), made.body());
    var room = new RoomUnderTest(server.http(), json(made));
    var owner = new Bearer(room, ada, room.key("player"));
    assertEquals("host", owner.join().path("role").asText());
    var key = json(owner.post("/recovery-key", "{}")).path("recoveryKey").asText();
    var back = new Bearer(room, server.person("Ada again"), room.key("player"));
    assertProblem(403, "secret-needed", back.post("/join", "{}"));
    assertEquals(200, back.post("/recover", "{\"recoveryKey\":\"" + key + "\"}").statusCode());
    assertEquals("host", back.join().path("role").asText());
  }

  @Test
  @DisplayName("hosts that take every seat do not take the owner's power")
  void ownerWithoutASeat() {
    var ada = ada();
    for (var i = 0; i < 10; i++) {
      var _ = person(ada, "H" + i, "host").joined();
    }
    var key = json(ada.post("/recovery-key", "{}")).path("recoveryKey").asText();
    var back = new Bearer(ada.room(), server.person("Ada again"), "");
    assertEquals(200, back.post("/recover", "{\"recoveryKey\":\"" + key + "\"}").statusCode());
    var joined = back.join();
    assertFalse(joined.path("participant").path("seated").asBoolean(), "ten others came before");
    assertEquals("host", joined.path("role").asText());
    assertEquals("host", json(back.post("/tickets", "{}")).path("role").asText());
  }
}
