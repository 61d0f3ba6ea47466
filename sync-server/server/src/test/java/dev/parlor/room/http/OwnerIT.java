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

/** Owners, hosts by membership, and the recovery key: roles belong to people, not to links. */
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

  /**
   * A person who uses the key of a link.
   *
   * @param key the key; empty for requests without a key
   */
  private record LinkHolder(RoomUnderTest room, Person person, String key) {
    HttpResponse<String> send(String method, String subpath, String body) {
      var headers =
          key.isEmpty()
              ? new String[] {"Authorization", "Bearer " + person.token()}
              : new String[] {"Authorization", "Bearer " + person.token(), "Parlor-Key", key};
      var request = room.http().request(room.path(subpath), headers);
      return room.http()
          .send(
              body.isEmpty()
                  ? request.method(method, BodyPublishers.noBody()).build()
                  : request
                      .header("Content-Type", "application/json")
                      .method(method, BodyPublishers.ofString(body))
                      .build());
    }

    HttpResponse<String> get(String subpath) {
      return send("GET", subpath, "");
    }

    HttpResponse<String> post(String subpath, String body) {
      return send("POST", subpath, body);
    }

    JsonNode join() {
      var answer = post("/join", "{}");
      assertEquals(200, answer.statusCode(), answer.body());
      return json(answer);
    }

    LinkHolder joined() {
      var _ = join();
      return this;
    }

    LinkHolder withKey(String otherKey) {
      return new LinkHolder(room, person, otherKey);
    }

    HttpResponse<String> changeRole(LinkHolder other, String role) {
      return post(
          "/participants/" + other.person.identity() + "/role", "{\"role\":\"" + role + "\"}");
    }

    HttpResponse<String> kick(LinkHolder other) {
      return post("/participants/" + other.person.identity() + "/kick", "{}");
    }

    /** Opens a WebSocket; the result completes with its close code and reason. */
    CompletableFuture<String> socket() {
      var ticket = post("/tickets", "{}");
      assertEquals(201, ticket.statusCode(), ticket.body());
      var closed = new CompletableFuture<String>();
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
                      closed.complete(code + " " + reason);
                      return CompletableFuture.completedStage(null);
                    }
                  })
              .join();
      return closed;
    }

    String roleInTheDocument() {
      return json(get("")).path("participants").path(person.identity()).path("role").asText();
    }
  }

  /** A room that Ada created with her token. */
  private static LinkHolder adaInNewRoom() {
    var ada = server.person("Ada");
    var response =
        server
            .http()
            .post("/api/rooms", "{\"title\":\"x\"}", "Authorization", "Bearer " + ada.token());
    assertEquals(201, response.statusCode(), response.body());
    var room = new RoomUnderTest(server.http(), json(response));
    return new LinkHolder(room, ada, room.key("host")).joined();
  }

  private static LinkHolder person(LinkHolder host, String name, String role) {
    return new LinkHolder(host.room(), server.person(name), host.room().key(role));
  }

  private static String keyOf(JsonNode link) {
    return link.asText().substring(link.asText().indexOf("#k=") + 3);
  }

  @Test
  @DisplayName(
      "a host's address bar shows the player key, so a person who copies it becomes a player")
  void addressBarKeyIsThePlayersKey() throws Exception {
    var ada = adaInNewRoom();
    var address = ada.join().path("addressKey").asText();
    assertEquals(ada.room().key("player"), address);
    var bo = new LinkHolder(ada.room(), server.person("Bo"), address);
    var joined = bo.join();
    assertEquals("player", joined.path("role").asText());
    assertTrue(joined.path("addressKey").isNull(), "a player keeps the key that they joined by");
    assertEquals(ada.person().identity(), joined.path("room").path("owner").asText());
    assertProblem(403, "not-host", bo.kick(ada));
    assertProblem(403, "not-host", bo.send("DELETE", "/links/host", ""));
    assertProblem(403, "not-host", bo.withKey(ada.key()).send("DELETE", "/links/host", ""));
    assertProblem(403, "not-host", bo.get("/links"));
    for (var role : List.of("spectator", "player")) {
      assertTrue(person(ada, "Cy", role).join().path("addressKey").isNull(), role);
    }
    var invitation = json(ada.post("/invitations", "{\"role\":\"host\"}"));
    var invited = new LinkHolder(ada.room(), server.person("Di"), keyOf(invitation.path("link")));
    assertTrue(invited.join().path("addressKey").isNull(), "an invitation's key is kept");
  }

  @Test
  @DisplayName("owner and hosts stay hosts with any key of the room, an ended key or no key")
  void hostsStayHostsWithAnyKey() throws Exception {
    var ada = adaInNewRoom();
    var bo = person(ada, "Bo", "host").joined();
    var sockets = List.of(ada.socket(), bo.socket());
    var endedHostKey = ada.room().key("host");
    assertEquals(200, bo.send("DELETE", "/links/host", "").statusCode());
    for (var host : List.of(ada, bo)) {
      for (var key :
          List.of(
              endedHostKey,
              "",
              ada.room().key("spectator"),
              ada.room().key("player"),
              "nonsense")) {
        var with = host.withKey(key);
        assertEquals(200, with.get("/links").statusCode(), key);
        assertEquals("host", json(with.post("/tickets", "{}")).path("role").asText(), key);
        assertEquals("host", with.join().path("role").asText(), key);
        assertEquals("host", host.roleInTheDocument(), key);
      }
      assertEquals(
          ada.room().key("player"), host.withKey(endedHostKey).join().path("addressKey").asText());
    }
    sockets.forEach(socket -> assertFalse(socket.isDone(), "no host is disconnected"));
    var cy = person(ada, "Cy", "host");
    assertProblem(403, "revoked", cy.post("/join", "{}"));
  }

  @Test
  @DisplayName("a player's membership is kept, and ends with the link that the player joined by")
  void playersStayUntilTheirLinkEnds() {
    var ada = adaInNewRoom();
    var bo = person(ada, "Bo", "player").joined();
    var host = ada.room().key("host");
    assertEquals(200, ada.send("DELETE", "/links/host", "").statusCode());
    for (var key : List.of("", host, ada.room().key("spectator"))) {
      assertEquals(
          "player", json(bo.withKey(key).post("/tickets", "{}")).path("role").asText(), key);
      assertProblem(403, "not-host", bo.withKey(key).get("/links"));
    }
    assertProblem(403, "wrong-key", bo.withKey("nonsense").post("/tickets", "{}"));
    bo.joined();
    assertEquals(200, ada.send("DELETE", "/links/player", "").statusCode());
    assertProblem(403, "revoked", bo.post("/tickets", "{}"));
    assertProblem(401, "unauthorized", bo.withKey("").post("/tickets", "{}"));
    var eve = new LinkHolder(ada.room(), server.person("Eve"), "");
    assertProblem(401, "unauthorized", eve.post("/join", "{}"));
  }

  @Test
  @DisplayName(
      "the owner cannot be removed or demoted, and only the owner can remove or demote a host")
  void ownerCannotBeRemovedOrDemoted() throws Exception {
    var ada = adaInNewRoom();
    var bo = person(ada, "Bo", "host").joined();
    var cy = person(ada, "Cy", "host").joined();
    for (var role : List.of("player", "spectator", "host")) {
      assertProblem(403, "owner", bo.changeRole(ada, role));
    }
    assertProblem(403, "owner", bo.kick(ada));
    assertProblem(
        403,
        "owner",
        bo.post("/participants/" + ada.person().identity() + "/kick", "{\"endLink\":true}"));
    assertProblem(403, "not-owner", bo.changeRole(cy, "player"));
    assertProblem(403, "not-owner", bo.kick(cy));
    assertEquals("host", cy.withKey("").join().path("role").asText());

    var socket = cy.socket();
    assertEquals(200, ada.withKey("").changeRole(cy, "player").statusCode());
    assertEquals(
        "4001 [AC10] a host changed what you may do here; come in again",
        socket.get(10, TimeUnit.SECONDS));
    for (var key : List.of(ada.room().key("host"), ada.room().key("player"), "")) {
      assertEquals("player", cy.withKey(key).join().path("role").asText(), "no link restores it");
      assertProblem(403, "not-host", cy.withKey(key).get("/links"));
    }
    assertEquals(200, bo.kick(cy).statusCode(), "any host can remove a player");
  }

  @Test
  @DisplayName("a host whom the owner removed and let in again is a player, by any link")
  void removedHostReturnsAsPlayer() {
    var ada = adaInNewRoom();
    var bo = person(ada, "Bo", "host").joined();
    assertEquals(200, ada.kick(bo).statusCode());
    assertProblem(403, "kicked", bo.withKey("").post("/join", "{}"));
    var path = "/participants/" + bo.person().identity() + "/kick";
    assertEquals(200, ada.send("DELETE", path, "").statusCode());
    assertEquals("player", bo.join().path("role").asText());
    assertEquals("player", bo.roleInTheDocument());
  }

  @Test
  @DisplayName(
      "the first person to join a room without an owner by the host link becomes its owner")
  void firstHostByLinkOwnsARoomWithoutOwner() {
    var room = server.room("without an owner");
    var al = new LinkHolder(room, server.person("Al"), room.key("host"));
    var invitation = json(al.post("/invitations", "{\"role\":\"host\"}"));
    var bo = new LinkHolder(room, server.person("Bo"), keyOf(invitation.path("link"))).joined();
    var cy = new LinkHolder(room, server.person("Cy"), keyOf(invitation.path("link"))).joined();
    assertTrue(
        bo.join().path("room").path("owner").isNull(), "an invited host does not become owner");
    assertProblem(403, "not-owner", bo.post("/recovery-key", "{}"));
    assertEquals(
        200, bo.changeRole(cy, "player").statusCode(), "without an owner, hosts are equal");
    assertEquals(200, bo.changeRole(cy, "host").statusCode());

    var di = new LinkHolder(room, server.person("Di"), room.key("host")).joined();
    assertEquals(di.person().identity(), bo.join().path("room").path("owner").asText());
    assertProblem(403, "owner", bo.changeRole(di, "player"));
    assertProblem(403, "not-owner", bo.changeRole(cy, "player"));
    assertEquals(200, di.changeRole(cy, "player").statusCode());
  }

  @Test
  @DisplayName("of two hosts that demote each other at the same time, one stays a host")
  void oneOfTwoHostsThatDemoteEachOtherStays() throws Exception {
    for (var round = 0; round < 5; round++) {
      var room = server.room("a race");
      var al = new LinkHolder(room, server.person("Al"), room.key("host"));
      var invitation = json(al.post("/invitations", "{\"role\":\"host\"}"));
      var bo = new LinkHolder(room, server.person("Bo"), keyOf(invitation.path("link"))).joined();
      var cy = new LinkHolder(room, server.person("Cy"), keyOf(invitation.path("link"))).joined();
      Callable<Integer> first = () -> bo.changeRole(cy, "player").statusCode();
      Callable<Integer> second = () -> cy.changeRole(bo, "player").statusCode();
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
      "[AC13] a new identity with the recovery key becomes owner, and the old owner becomes a player")
  void recoveryKeyTransfersOwnership() throws Exception {
    var ada = adaInNewRoom();
    var bo = person(ada, "Bo", "host").joined();
    assertProblem(403, "not-owner", bo.post("/recovery-key", "{}"));
    assertProblem(403, "not-owner", bo.get("/recovery-key"));
    assertTrue(json(ada.get("/recovery-key")).path("madeAt").isNull());
    var first = json(ada.post("/recovery-key", "{}")).path("recoveryKey").asText();
    var second = json(ada.post("/recovery-key", "{}")).path("recoveryKey").asText();
    assertNotEquals(first, second);
    assertTrue(json(ada.get("/recovery-key")).path("madeAt").asLong() > 0);
    assertFalse(ada.get("/recovery-key").body().contains(second));

    var adaAgain = new LinkHolder(ada.room(), server.person("Ada again"), "");
    var wrong = adaAgain.post("/recover", "{\"recoveryKey\":\"" + first + "\"}");
    assertProblem(403, "wrong-recovery-key", wrong);
    assertEquals("AC13", json(wrong).path("rule").asText());
    assertField(400, "recoveryKey", adaAgain.post("/recover", "{}"));
    var socket = ada.socket();
    var recovered = adaAgain.post("/recover", "{\"recoveryKey\":\"" + second + "\"}");
    assertEquals(200, recovered.statusCode(), recovered.body());
    assertEquals(
        "4001 [AC10] a host changed what you may do here; come in again",
        socket.get(10, TimeUnit.SECONDS));
    assertEquals("host", adaAgain.join().path("role").asText());
    assertEquals(adaAgain.person().identity(), adaAgain.join().path("room").path("owner").asText());
    for (var key : List.of(ada.key(), "")) {
      assertEquals("player", ada.withKey(key).join().path("role").asText(), "no link restores it");
    }
    assertProblem(403, "not-host", ada.get("/links"));
    assertProblem(403, "not-host", ada.kick(adaAgain));
    assertProblem(403, "owner", bo.kick(adaAgain));
    assertEquals("player", ada.roleInTheDocument());
    assertEquals(
        200, adaAgain.changeRole(bo, "player").statusCode(), "the new owner can demote a host");
    assertEquals(200, adaAgain.kick(ada).statusCode());
  }

  @Test
  @DisplayName("[AC13] recovery works even if a host removed the new identity or ended links")
  void recoveryWorksAfterRemovalAndEndedLinks() {
    var ada = adaInNewRoom();
    var bo = person(ada, "Bo", "host").joined();
    var key = json(ada.post("/recovery-key", "{}")).path("recoveryKey").asText();
    var adaAgain = person(ada, "Ada again", "player").joined();
    assertEquals(200, bo.kick(adaAgain).statusCode());
    for (var role : List.of("host", "player", "spectator")) {
      assertEquals(200, bo.send("DELETE", "/links/" + role, "").statusCode());
    }
    assertProblem(403, "kicked", adaAgain.post("/join", "{}"));
    var recovered = adaAgain.withKey("").post("/recover", "{\"recoveryKey\":\"" + key + "\"}");
    assertEquals(200, recovered.statusCode(), recovered.body());
    assertEquals("host", adaAgain.withKey("").join().path("role").asText());
    assertEquals("host", adaAgain.roleInTheDocument());
    var shown = json(adaAgain.get("")).path("participants").path(adaAgain.person().identity());
    assertTrue(shown.path("removedBy").isNull(), shown.toString());
  }

  @Test
  @DisplayName("[AC13] attempts with a recovery key are limited per address and room")
  void recoveryAttemptsAreLimited() {
    var ada = adaInNewRoom();
    var eve = new LinkHolder(ada.room(), server.person("Eve"), "");
    for (var i = 0; i < 10; i++) {
      assertProblem(
          403, "wrong-recovery-key", eve.post("/recover", "{\"recoveryKey\":\"rec_" + i + "\"}"));
    }
    var last = eve.post("/recover", "{\"recoveryKey\":\"rec_x\"}");
    assertProblem(429, "too-many-requests", last);
  }

  @Test
  @DisplayName(
      "an owner joins without the room's secret, also one who became owner by the recovery key")
  void ownerJoinsWithoutTheRoomSecret() {
    var ada = server.person("Ada");
    var roomWithSecret =
        "{\"secret\":{\"salt\":\"AAAAAAAAAAAAAAAAAAAAAA\",\"iterations\":100000,"
            + "\"storedKey\":\"AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA\"}}";
    var response =
        server.http().post("/api/rooms", roomWithSecret, "Authorization", "Bearer " + ada.token());
    assertEquals(201, response.statusCode(), response.body());
    var room = new RoomUnderTest(server.http(), json(response));
    var owner = new LinkHolder(room, ada, room.key("player"));
    assertEquals("host", owner.join().path("role").asText());
    var key = json(owner.post("/recovery-key", "{}")).path("recoveryKey").asText();
    var adaAgain = new LinkHolder(room, server.person("Ada again"), room.key("player"));
    assertProblem(403, "secret-needed", adaAgain.post("/join", "{}"));
    assertEquals(200, adaAgain.post("/recover", "{\"recoveryKey\":\"" + key + "\"}").statusCode());
    assertEquals("host", adaAgain.join().path("role").asText());
  }

  @Test
  @DisplayName("an owner without a free seat still has the role host")
  void ownerIsHostWithoutASeat() {
    var ada = adaInNewRoom();
    for (var i = 0; i < 10; i++) {
      var _ = person(ada, "H" + i, "host").joined();
    }
    var key = json(ada.post("/recovery-key", "{}")).path("recoveryKey").asText();
    var adaAgain = new LinkHolder(ada.room(), server.person("Ada again"), "");
    assertEquals(200, adaAgain.post("/recover", "{\"recoveryKey\":\"" + key + "\"}").statusCode());
    var joined = adaAgain.join();
    assertFalse(joined.path("participant").path("seated").asBoolean(), "ten hosts have all seats");
    assertEquals("host", joined.path("role").asText());
    assertEquals("host", json(adaAgain.post("/tickets", "{}")).path("role").asText());
  }
}
