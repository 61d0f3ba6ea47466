package dev.parlor.room.http;

import static dev.parlor.room.http.HttpClientForTests.assertField;
import static dev.parlor.room.http.HttpClientForTests.assertProblem;
import static dev.parlor.room.http.HttpClientForTests.json;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import dev.parlor.room.http.TestServer.Member;
import dev.parlor.room.http.TestServer.Person;
import dev.parlor.room.http.TestServer.RoomUnderTest;
import java.net.URI;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.net.http.WebSocket;
import java.net.http.WebSocketHandshakeException;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Invitations, ended links, roles and removed people: the effects on requests and on connections.
 */
class AccessIT {
  private static TestServer server;

  @BeforeAll
  static void start(@TempDir Path folder) throws Exception {
    server = TestServer.start(folder);
  }

  @AfterAll
  static void stop() throws Exception {
    server.close();
  }

  private static void assertRefused(String code, String rule, HttpResponse<String> answer) {
    assertProblem(403, code, answer);
    assertEquals(rule, json(answer).path("rule").asText());
  }

  private static String keyOf(JsonNode invitation) {
    var link = invitation.path("link").asText();
    return link.substring(link.indexOf("#k=") + 3);
  }

  private static JsonNode invite(Member host, String body) {
    var response = host.post("/invitations", body);
    assertEquals(201, response.statusCode(), response.body());
    return json(response);
  }

  /** A person who uses the key of a link: a role's link or an invitation. */
  private record LinkHolder(RoomUnderTest room, Person person, String key) {
    HttpResponse<String> send(String method, String subpath, String body) {
      var request =
          room.http()
              .request(
                  room.path(subpath),
                  "Authorization",
                  "Bearer " + person.token(),
                  "Parlor-Key",
                  key);
      return room.http()
          .send(
              body.isEmpty()
                  ? request
                      .method(method, java.net.http.HttpRequest.BodyPublishers.noBody())
                      .build()
                  : request
                      .header("Content-Type", "application/json")
                      .method(method, java.net.http.HttpRequest.BodyPublishers.ofString(body))
                      .build());
    }

    HttpResponse<String> join() {
      return send("POST", "/join", "{}");
    }

    Socket socket() {
      var ticket = send("POST", "/tickets", "{}");
      assertEquals(201, ticket.statusCode(), ticket.body());
      return Socket.open(URI.create(json(ticket).path("url").asText()));
    }
  }

  private static LinkHolder linkHolder(Member member) {
    return new LinkHolder(member.room(), member.person(), member.room().key(member.role()));
  }

  /** An open WebSocket without a join; it records its close. */
  private record Socket(WebSocket socket, CompletableFuture<String> closed) {
    static Socket open(URI uri) {
      var closed = new CompletableFuture<String>();
      var socket =
          server
              .http()
              .client
              .newWebSocketBuilder()
              .buildAsync(
                  uri,
                  new WebSocket.Listener() {
                    @Override
                    public java.util.concurrent.CompletionStage<?> onClose(
                        WebSocket socket, int code, String reason) {
                      closed.complete(code + " " + reason);
                      return CompletableFuture.completedStage(null);
                    }
                  })
              .join();
      return new Socket(socket, closed);
    }

    String awaitClose() throws Exception {
      return closed.get(10, TimeUnit.SECONDS);
    }
  }

  /** The HTTP status that a WebSocket upgrade gets; 101 if it is accepted. */
  private static int upgradeStatus(String url) {
    try {
      Socket.open(URI.create(url)).socket().abort();
      return 101;
    } catch (CompletionException e) {
      if (e.getCause() instanceof WebSocketHandshakeException assertRefused) {
        return assertRefused.getResponse().statusCode();
      }
      throw e;
    }
  }

  @DisplayName("a person with the link of an invitation joins with the invitation's role")
  @Test
  void invitationAdmitsAPerson() {
    var host = server.room("A room").join("host", server.person("Ada"));
    var invitation = invite(host, "{\"role\":\"player\",\"ttlSeconds\":600}");
    assertTrue(invitation.path("id").asText().startsWith("inv_"));
    assertEquals("open", invitation.path("state").asText());
    var bo = new LinkHolder(host.room(), server.person("Bo"), keyOf(invitation));
    var joined = bo.join();
    assertEquals(200, joined.statusCode(), joined.body());
    assertEquals("player", json(joined).path("role").asText());
    assertEquals(201, bo.send("POST", "/chat", "{\"text\":\"hello\"}").statusCode());
    assertEquals(101, upgradeStatus(invitation.path("sync").asText()));
    var listed = json(host.get("/invitations")).path("invitations");
    assertEquals(1, listed.size());
    assertEquals(invitation.path("link"), listed.path(0).path("link"));
  }

  @DisplayName("only a host who has joined with an identity can create an invitation")
  @Test
  void onlyJoinedHostsInvite() {
    var room = server.room("A room");
    var ada = server.person("Ada");
    for (var role : java.util.List.of("player", "spectator")) {
      assertProblem(
          403, "not-host", room.join(role, ada).post("/invitations", "{\"role\":\"host\"}"));
    }
    assertProblem(
        401,
        "unauthorized",
        room.http()
            .post(
                room.path("/invitations"), "{\"role\":\"host\"}", "Parlor-Key", room.key("host")));
    assertProblem(
        403, "not-host", room.withLink("host", ada).post("/invitations", "{\"role\":\"host\"}"));
    var host = room.join("host", ada);
    assertField(400, "role", host.post("/invitations", "{\"role\":\"king\"}"));
    assertField(400, "role", host.post("/invitations", "{}"));
    assertField(400, "uses", host.post("/invitations", "{\"role\":\"player\",\"uses\":0}"));
    assertField(400, "uses", host.post("/invitations", "{\"role\":\"player\",\"uses\":1.5}"));
    assertField(
        400, "ttlSeconds", host.post("/invitations", "{\"role\":\"player\",\"ttlSeconds\":-1}"));
    assertField(
        400, "expiresAt", host.post("/invitations", "{\"role\":\"player\",\"expiresAt\":1}"));
  }

  @Test
  @DisplayName(
      "[AC6] ending an invitation closes the connections of its users at once, and no others")
  void revokedInvitationClosesConnectionsAtOnce() throws Exception {
    var host = server.room("A room").join("host", server.person("Ada"));
    var invitation = invite(host, "{\"role\":\"player\"}");
    var bo = new LinkHolder(host.room(), server.person("Bo"), keyOf(invitation));
    bo.join();
    var socket = bo.socket();
    var guestSocket = Socket.open(URI.create(invitation.path("sync").asText()));
    var hostSocket = linkHolder(host).socket();
    var path = "/invitations/" + invitation.path("id").asText();
    var closed = linkHolder(host).send("DELETE", path, "");
    assertEquals(200, closed.statusCode(), closed.body());
    assertEquals("revoked", json(closed).path("state").asText());
    assertEquals("4403 [AC6] a host ended this link; ask for a new one", socket.awaitClose());
    assertEquals("4403 [AC6] a host ended this link; ask for a new one", guestSocket.awaitClose());
    assertRefused("revoked", "AC6", bo.join());
    assertRefused("revoked", "AC6", bo.send("GET", "", ""));
    assertEquals(403, upgradeStatus(invitation.path("sync").asText()));
    assertFalse(hostSocket.closed().isDone(), "the host stays connected");
    assertProblem(404, "not-found", linkHolder(host).send("DELETE", "/invitations/inv_none", ""));
  }

  @Test
  @DisplayName("[AC6] replacing one of the three role links leaves the other two unchanged")
  void roleLinkIsReplaced() throws Exception {
    var room = server.room("A room");
    var host = room.join("host", server.person("Ada"));
    var player = room.join("player", server.person("Bo"));
    var spectator = room.join("spectator", server.person("Cy"));
    var playerSocket = linkHolder(player).socket();
    var spectatorSocket = linkHolder(spectator).socket();
    var answer = linkHolder(host).send("DELETE", "/links/player", "");
    assertEquals(200, answer.statusCode(), answer.body());
    assertEquals("4403 [AC6] a host ended this link; ask for a new one", playerSocket.awaitClose());
    assertRefused("revoked", "AC6", player.get(""));
    assertEquals(200, spectator.get("").statusCode());
    assertFalse(spectatorSocket.closed().isDone());
    var links = json(answer).path("links");
    assertNotEquals(room.created().path("links").path("player"), links.path("player"));
    assertEquals(room.created().path("links").path("host"), links.path("host"));
    assertEquals(links, json(host.get("/links")).path("links"));
    var link = links.path("player").asText();
    var again = new LinkHolder(room, player.person(), link.substring(link.indexOf("#k=") + 3));
    assertEquals(200, again.join().statusCode());
    assertEquals(404, linkHolder(host).send("DELETE", "/links/king", "").statusCode());
  }

  @Test
  @DisplayName("[AC8] an invitation for one person admits one person")
  void usedUpInvitationIsRefused() {
    var host = server.room("A room").join("host", server.person("Ada"));
    var invitation = invite(host, "{\"role\":\"player\",\"uses\":1}");
    assertTrue(invitation.path("sync").isNull());
    var bo = new LinkHolder(host.room(), server.person("Bo"), keyOf(invitation));
    var cy = new LinkHolder(host.room(), server.person("Cy"), keyOf(invitation));
    assertEquals(200, bo.join().statusCode());
    assertEquals(200, bo.join().statusCode());
    assertRefused("used-up", "AC8", cy.join());
    assertRefused("used-up", "AC8", cy.send("POST", "/tickets", "{}"));
    bo.socket().socket().abort();
    var port = server.port();
    assertEquals(
        403,
        upgradeStatus("ws://127.0.0.1:" + port + "/sync/k/" + host.room().slug() + "." + bo.key()));
    var listed = json(host.get("/invitations")).path("invitations").path(0);
    assertEquals("used-up", listed.path("state").asText());
    assertEquals(1, listed.path("used").asInt());
  }

  @Test
  @DisplayName(
      "[AC9] a removed person is disconnected everywhere and stays out until a host lets them in")
  void removedPersonIsDisconnectedAtOnce() throws Exception {
    var room = server.room("A room");
    var host = room.join("host", server.person("Ada"));
    var bo = room.join("player", server.person("Bo"));
    var cy = room.join("player", server.person("Cy"));
    var socket = linkHolder(bo).socket();
    var otherSocket = linkHolder(cy).socket();
    var ticket = json(bo.post("/tickets", "{}")).path("url").asText();
    var stream =
        room.http()
            .client
            .sendAsync(
                room.http().request(room.path("/events"), bo.headers()).build(),
                BodyHandlers.ofString());
    var path = "/participants/" + bo.person().identity() + "/kick";
    assertProblem(403, "not-host", cy.post(path, "{}"));
    assertEquals(200, host.post(path, "{}").statusCode());
    assertEquals("4403 [AC9] a host removed you from this room", socket.awaitClose());
    assertEquals(403, upgradeStatus(ticket), "a ticket from before the removal");
    stream.get(10, TimeUnit.SECONDS);
    assertRefused("kicked", "AC9", bo.post("/join", "{}"));
    assertRefused("kicked", "AC9", bo.post("/chat", "{\"text\":\"still here\"}"));
    assertRefused("kicked", "AC9", room.withLink("host", bo.person()).post("/join", "{}"));
    assertFalse(otherSocket.closed().isDone());
    var shown = json(host.get("")).path("participants").path(bo.person().identity());
    assertEquals("spectator", shown.path("role").asText());
    assertEquals(host.person().identity(), shown.path("removedBy").asText());

    assertEquals(200, linkHolder(host).send("DELETE", path, "").statusCode());
    assertEquals(200, bo.post("/join", "{}").statusCode());
    var returned = json(host.get("")).path("participants").path(bo.person().identity());
    assertEquals("player", returned.path("role").asText());
    assertTrue(returned.path("removedBy").isNull());
  }

  @Test
  @DisplayName("[AC9] [AC6] removing a person can also end the link that they joined by")
  void removalCanEndTheLink() {
    var room = server.room("A room");
    var host = room.join("host", server.person("Ada"));
    var bo = room.join("player", server.person("Bo"));
    var answer =
        host.post("/participants/" + bo.person().identity() + "/kick", "{\"endLink\":true}");
    assertTrue(json(answer).path("linkEnded").asBoolean(), answer.body());
    var cy = room.join("host", server.person("Cy"));
    var path = "/participants/" + cy.person().identity() + "/kick";
    assertProblem(409, "own-link", host.post(path, "{\"endLink\":true}"));
    assertEquals(200, cy.get("").statusCode(), "the refused request has removed no one");
    assertRefused(
        "revoked", "AC6", room.withLink("player", server.person("Bo again")).post("/join", "{}"));
  }

  @DisplayName("hosts cannot remove or demote themselves, and nobody can remove a guest")
  @Test
  void hostsCannotRemoveOrDemoteThemselves() {
    var host = server.room("A room").join("host", server.person("Ada"));
    var me = "/participants/" + host.person().identity();
    assertProblem(409, "yourself", host.post(me + "/kick", "{}"));
    assertProblem(409, "yourself", host.post(me + "/role", "{\"role\":\"player\"}"));
    assertProblem(409, "guest", host.post("/participants/guest:x/kick", "{}"));
    assertProblem(
        403, "not-joined", host.post("/participants/id_nobody/role", "{\"role\":\"player\"}"));
  }

  @Test
  @DisplayName("[AC10] a changed role applies at once, overrides the link and stays")
  void changedRoleAppliesAtOnce() throws Exception {
    var room = server.room("A room");
    var host = room.join("host", server.person("Ada"));
    var bo = room.join("player", server.person("Bo"));
    var socket = linkHolder(bo).socket();
    var path = "/participants/" + bo.person().identity() + "/role";
    assertProblem(403, "not-host", bo.post(path, "{\"role\":\"host\"}"));
    assertEquals(200, host.post(path, "{\"role\":\"spectator\"}").statusCode());
    assertEquals(
        "4001 [AC10] a host changed what you may do here; come in again", socket.awaitClose());
    assertProblem(403, "spectator", bo.post("/chat", "{\"text\":\"hello\"}"));
    assertEquals("spectator", json(bo.post("/tickets", "{}")).path("role").asText());
    assertEquals("spectator", json(bo.post("/join", "{}")).path("role").asText(), "joined again");
    assertEquals(
        "spectator",
        json(room.withLink("host", bo.person()).post("/join", "{}")).path("role").asText(),
        "with a stronger link");

    assertEquals(200, host.post(path, "{\"role\":\"host\"}").statusCode());
    assertEquals("host", json(bo.post("/tickets", "{}")).path("role").asText());
    assertEquals(200, bo.get("/links").statusCode());
    var shown = json(host.get("")).path("participants").path(bo.person().identity());
    assertEquals("host", shown.path("role").asText());
  }

  @DisplayName(
      "[AC15] a locked room refuses new people at every entrance, members come and go, and the room"
          + " opens again when a host unlocks it")
  @Test
  void lockedRoomRefusesNewPeople() {
    var room = server.room("Locked");
    var host = room.join("host", server.person("Ada"));
    var member = room.join("player", server.person("Ben"));
    assertProblem(403, "not-host", member.post("/lock", "{\"locked\":true}"));
    assertField(400, "locked", host.post("/lock", "{}"));
    assertEquals(200, host.post("/lock", "{\"locked\":true}").statusCode());
    assertTrue(json(host.get("/links")).path("locked").asBoolean());

    var late = server.person("Cleo");
    for (var role : List.of("host", "player", "spectator")) {
      var link = room.withLink(role, late);
      for (var refused :
          List.of(
              link.post("/join", "{}"),
              link.post("/tickets", "{}"),
              link.get(""),
              link.get("/export"))) {
        assertRefused("room-locked", "AC15", refused);
      }
    }
    assertProblem(
        403, "room-locked", server.http().get(room.path(""), "Parlor-Key", room.key("player")));
    assertThrows(
        CompletionException.class,
        () ->
            server
                .http()
                .client
                .newWebSocketBuilder()
                .buildAsync(
                    URI.create(room.created().path("sync").path("player").asText()),
                    new WebSocket.Listener() {})
                .join());
    assertEquals(200, member.post("/join", "{}").statusCode());
    assertEquals(201, member.post("/chat", "{\"text\":\"still here\"}").statusCode());

    assertEquals(200, host.post("/lock", "{\"locked\":false}").statusCode());
    assertEquals(200, room.withLink("player", late).post("/join", "{}").statusCode());
  }
}
