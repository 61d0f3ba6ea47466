package dev.parlor.room.http;

import static dev.parlor.room.http.HttpClientForTests.assertField;
import static dev.parlor.room.http.HttpClientForTests.assertProblem;
import static dev.parlor.room.http.HttpClientForTests.json;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
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
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Invitations, ended links, roles and removed people, over HTTP and at live connections. */
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

  private static void refused(String code, String rule, HttpResponse<String> answer) {
    assertProblem(403, code, answer);
    assertEquals(rule, json(answer).path("rule").asText());
  }

  private static String keyOf(JsonNode invitation) {
    var link = invitation.path("link").asText();
    return link.substring(link.indexOf("#k=") + 3);
  }

  private static JsonNode invite(Member host, String body) {
    var made = host.post("/invitations", body);
    assertEquals(201, made.statusCode(), made.body());
    return json(made);
  }

  /** A person with any key. */
  private record Bearer(RoomUnderTest room, Person who, String key) {
    HttpResponse<String> send(String method, String rest, String body) {
      var request =
          room.http()
              .request(
                  room.path(rest), "Authorization", "Bearer " + who.token(), "Parlor-Key", key);
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

  private static Bearer bearer(Member member) {
    return new Bearer(member.room(), member.who(), member.room().key(member.role()));
  }

  /** An open WebSocket without a join; it records its close. */
  private record Socket(WebSocket socket, CompletableFuture<String> ended) {
    static Socket open(URI uri) {
      var ended = new CompletableFuture<String>();
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
                      ended.complete(code + " " + reason);
                      return CompletableFuture.completedStage(null);
                    }
                  })
              .join();
      return new Socket(socket, ended);
    }

    String end() throws Exception {
      return ended.get(10, TimeUnit.SECONDS);
    }
  }

  /** The HTTP status of a refused upgrade. */
  private static int upgrade(String url) {
    try {
      Socket.open(URI.create(url)).socket().abort();
      return 101;
    } catch (CompletionException e) {
      if (e.getCause() instanceof WebSocketHandshakeException refused) {
        return refused.getResponse().statusCode();
      }
      throw e;
    }
  }

  @DisplayName("a person with an invitation's link joins the room")
  @Test
  void invitationAdmitsAPerson() {
    var host = server.room("A room").join("host", server.person("Ada"));
    var invitation = invite(host, "{\"role\":\"player\",\"ttlSeconds\":600}");
    assertTrue(invitation.path("id").asText().startsWith("inv_"));
    assertEquals("open", invitation.path("state").asText());
    var bo = new Bearer(host.room(), server.person("Bo"), keyOf(invitation));
    var joined = bo.join();
    assertEquals(200, joined.statusCode(), joined.body());
    assertEquals("player", json(joined).path("role").asText());
    assertEquals(201, bo.send("POST", "/chat", "{\"text\":\"hello\"}").statusCode());
    assertEquals(101, upgrade(invitation.path("sync").asText()));
    var listed = json(host.get("/invitations")).path("invitations");
    assertEquals(1, listed.size());
    assertEquals(invitation.path("link"), listed.path(0).path("link"));
  }

  @DisplayName("only a host with an identity may create an invitation")
  @Test
  void onlyHostsWithAnIdentityInvite() {
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
        403, "not-host", room.with("host", ada).post("/invitations", "{\"role\":\"host\"}"));
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
  void revokingActsAtOnce() throws Exception {
    var host = server.room("A room").join("host", server.person("Ada"));
    var invitation = invite(host, "{\"role\":\"player\"}");
    var bo = new Bearer(host.room(), server.person("Bo"), keyOf(invitation));
    bo.join();
    var socket = bo.socket();
    var guest = Socket.open(URI.create(invitation.path("sync").asText()));
    var hosts = bearer(host).socket();
    var path = "/invitations/" + invitation.path("id").asText();
    var ended = bearer(host).send("DELETE", path, "");
    assertEquals(200, ended.statusCode(), ended.body());
    assertEquals("revoked", json(ended).path("state").asText());
    assertEquals("4403 [AC6] a host ended this link; ask for a new one", socket.end());
    assertEquals("4403 [AC6] a host ended this link; ask for a new one", guest.end());
    refused("revoked", "AC6", bo.join());
    refused("revoked", "AC6", bo.send("GET", "", ""));
    assertEquals(403, upgrade(invitation.path("sync").asText()));
    assertFalse(hosts.ended().isDone(), "the host stays");
    assertProblem(404, "not-found", bearer(host).send("DELETE", "/invitations/inv_none", ""));
  }

  @Test
  @DisplayName("[AC6] replacing one of the three role links leaves the other two unchanged")
  void aRolesLinkIsReplaced() throws Exception {
    var room = server.room("A room");
    var host = room.join("host", server.person("Ada"));
    var player = room.join("player", server.person("Bo"));
    var watcher = room.join("spectator", server.person("Cy"));
    var playing = bearer(player).socket();
    var watching = bearer(watcher).socket();
    var answer = bearer(host).send("DELETE", "/links/player", "");
    assertEquals(200, answer.statusCode(), answer.body());
    assertEquals("4403 [AC6] a host ended this link; ask for a new one", playing.end());
    refused("revoked", "AC6", player.get(""));
    assertEquals(200, watcher.get("").statusCode());
    assertFalse(watching.ended().isDone());
    var links = json(answer).path("links");
    assertNotEquals(room.created().path("links").path("player"), links.path("player"));
    assertEquals(room.created().path("links").path("host"), links.path("host"));
    assertEquals(links, json(host.get("/links")).path("links"));
    var link = links.path("player").asText();
    var again = new Bearer(room, player.who(), link.substring(link.indexOf("#k=") + 3));
    assertEquals(200, again.join().statusCode());
    assertEquals(404, bearer(host).send("DELETE", "/links/king", "").statusCode());
  }

  @Test
  @DisplayName("[AC8] an invitation for one person admits one person")
  void aUsedUpInvitationIsRefused() {
    var host = server.room("A room").join("host", server.person("Ada"));
    var invitation = invite(host, "{\"role\":\"player\",\"uses\":1}");
    assertTrue(invitation.path("sync").isNull());
    var bo = new Bearer(host.room(), server.person("Bo"), keyOf(invitation));
    var cy = new Bearer(host.room(), server.person("Cy"), keyOf(invitation));
    assertEquals(200, bo.join().statusCode());
    assertEquals(200, bo.join().statusCode());
    refused("used-up", "AC8", cy.join());
    refused("used-up", "AC8", cy.send("POST", "/tickets", "{}"));
    bo.socket().socket().abort();
    var port = server.port();
    assertEquals(
        403, upgrade("ws://127.0.0.1:" + port + "/sync/k/" + host.room().slug() + "." + bo.key()));
    var listed = json(host.get("/invitations")).path("invitations").path(0);
    assertEquals("used-up", listed.path("state").asText());
    assertEquals(1, listed.path("used").asInt());
  }

  @Test
  @DisplayName(
      "[AC9] a removed person is disconnected everywhere and stays out until a host lets them in")
  void removedPersonIsOutAtOnce() throws Exception {
    var room = server.room("A room");
    var host = room.join("host", server.person("Ada"));
    var bo = room.join("player", server.person("Bo"));
    var cy = room.join("player", server.person("Cy"));
    var socket = bearer(bo).socket();
    var other = bearer(cy).socket();
    var ticket = json(bo.post("/tickets", "{}")).path("url").asText();
    var stream =
        room.http()
            .client
            .sendAsync(
                room.http().request(room.path("/events"), bo.headers()).build(),
                BodyHandlers.ofString());
    var path = "/participants/" + bo.who().identity() + "/kick";
    assertProblem(403, "not-host", cy.post(path, "{}"));
    assertEquals(200, host.post(path, "{}").statusCode());
    assertEquals("4403 [AC9] a host removed you from this room", socket.end());
    assertEquals(403, upgrade(ticket), "a ticket from before");
    stream.get(10, TimeUnit.SECONDS);
    refused("kicked", "AC9", bo.post("/join", "{}"));
    refused("kicked", "AC9", bo.post("/chat", "{\"text\":\"still here\"}"));
    refused("kicked", "AC9", room.with("host", bo.who()).post("/join", "{}"));
    assertFalse(other.ended().isDone());
    var shown = json(host.get("")).path("participants").path(bo.who().identity());
    assertEquals("spectator", shown.path("role").asText());
    assertEquals(host.who().identity(), shown.path("removedBy").asText());

    assertEquals(200, bearer(host).send("DELETE", path, "").statusCode());
    assertEquals(200, bo.post("/join", "{}").statusCode());
    var back = json(host.get("")).path("participants").path(bo.who().identity());
    assertEquals("player", back.path("role").asText());
    assertTrue(back.path("removedBy").isNull());
  }

  @Test
  @DisplayName("[AC9] [AC6] removing a person can also end the link that they joined by")
  void removalMayEndTheLink() {
    var room = server.room("A room");
    var host = room.join("host", server.person("Ada"));
    var bo = room.join("player", server.person("Bo"));
    var answer = host.post("/participants/" + bo.who().identity() + "/kick", "{\"endLink\":true}");
    assertTrue(json(answer).path("linkEnded").asBoolean(), answer.body());
    var cy = room.join("host", server.person("Cy"));
    var path = "/participants/" + cy.who().identity() + "/kick";
    assertProblem(409, "own-link", host.post(path, "{\"endLink\":true}"));
    assertEquals(200, cy.get("").statusCode(), "and nothing was done");
    refused("revoked", "AC6", room.with("player", server.person("Bo again")).post("/join", "{}"));
  }

  @DisplayName("a host cannot remove or demote itself")
  @Test
  void hostsCannotLockThemselvesOut() {
    var host = server.room("A room").join("host", server.person("Ada"));
    var me = "/participants/" + host.who().identity();
    assertProblem(409, "yourself", host.post(me + "/kick", "{}"));
    assertProblem(409, "yourself", host.post(me + "/role", "{\"role\":\"player\"}"));
    assertProblem(409, "guest", host.post("/participants/guest:x/kick", "{}"));
    assertProblem(
        403, "not-joined", host.post("/participants/id_nobody/role", "{\"role\":\"player\"}"));
  }

  @Test
  @DisplayName("[AC10] a changed role applies at once, overrides the link and stays")
  void changingARole() throws Exception {
    var room = server.room("A room");
    var host = room.join("host", server.person("Ada"));
    var bo = room.join("player", server.person("Bo"));
    var socket = bearer(bo).socket();
    var path = "/participants/" + bo.who().identity() + "/role";
    assertProblem(403, "not-host", bo.post(path, "{\"role\":\"host\"}"));
    assertEquals(200, host.post(path, "{\"role\":\"spectator\"}").statusCode());
    assertEquals("4001 [AC10] a host changed what you may do here; come in again", socket.end());
    assertProblem(403, "spectator", bo.post("/chat", "{\"text\":\"hello\"}"));
    assertEquals("spectator", json(bo.post("/tickets", "{}")).path("role").asText());
    assertEquals("spectator", json(bo.post("/join", "{}")).path("role").asText(), "joined again");
    assertEquals(
        "spectator",
        json(room.with("host", bo.who()).post("/join", "{}")).path("role").asText(),
        "with a stronger link");

    assertEquals(200, host.post(path, "{\"role\":\"host\"}").statusCode());
    assertEquals("host", json(bo.post("/tickets", "{}")).path("role").asText());
    assertEquals(200, bo.get("/links").statusCode());
    var shown = json(host.get("")).path("participants").path(bo.who().identity());
    assertEquals("host", shown.path("role").asText());
  }
}
