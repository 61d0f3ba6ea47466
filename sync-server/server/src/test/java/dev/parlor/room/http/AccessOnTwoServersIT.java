package dev.parlor.room.http;

import static dev.parlor.room.http.HttpClientForTests.json;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.parlor.nats.NatsServer;
import dev.parlor.room.access.BrowserKey;
import dev.parlor.room.access.Sessions;
import dev.parlor.room.http.TestServer.Person;
import dev.parlor.room.http.TestServer.RoomUnderTest;
import java.net.URI;
import java.net.http.HttpResponse;
import java.net.http.WebSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletionException;
import java.util.concurrent.Executors;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Two whole servers on one real nats-server: what one gives out, the other accepts. */
class AccessOnTwoServersIT {
  private static NatsServer nats;
  private static TestServer a;
  private static TestServer b;

  @BeforeAll
  static void start(@TempDir Path folder) throws Exception {
    nats = NatsServer.start(folder.resolve("nats"));
    nats.init(2, 1);
    var environment =
        Map.of("PARLOR_CLUSTER", nats.url(), "PARLOR_CLUSTER_MONITOR", nats.monitor().toString());
    a = TestServer.start(Files.createDirectories(folder.resolve("a")), environment);
    b = TestServer.start(Files.createDirectories(folder.resolve("b")), environment);
  }

  @AfterAll
  static void stop() throws Exception {
    a.close();
    b.close();
    nats.close();
  }

  private static RoomUnderTest onB(RoomUnderTest room) {
    return new RoomUnderTest(b.http(), room.created());
  }

  private static void assertStatus(int status, HttpResponse<String> response) {
    assertEquals(status, response.statusCode(), response.body());
  }

  private static String ticket(TestServer.Member member) {
    var issued = member.post("/tickets", "{}");
    assertStatus(201, issued);
    var url = json(issued).path("url").asText();
    return url.substring(url.lastIndexOf('/') + 1);
  }

  private static boolean opens(TestServer server, String ticket) throws Exception {
    try (var client = java.net.http.HttpClient.newHttpClient()) {
      var socket =
          client
              .newWebSocketBuilder()
              .buildAsync(
                  URI.create("ws://127.0.0.1:" + server.port() + "/sync/t/" + ticket),
                  new WebSocket.Listener() {})
              .join();
      socket.abort();
      return true;
    } catch (CompletionException e) {
      return false;
    }
  }

  @DisplayName("an identity and a room of one server are used on the other right after the answer")
  @Test
  void identityAndRoomAreKnownAtOnce() {
    for (var trial = 0; trial < 20; trial++) {
      var person = a.person("Ada");
      var room = onB(a.room("made on A"));
      assertStatus(200, room.withLink("player", person).post("/join", "{\"name\":\"Ada\"}"));
      assertStatus(200, room.withLink("player", person).get(""));
    }
  }

  @DisplayName("a ticket of one server opens one socket on the other, and then none on either")
  @Test
  void ticketIsRedeemedOnTheOtherServer() throws Exception {
    var room = a.room("tickets");
    var ada = room.join("player", a.person("Ada"));
    for (var trial = 0; trial < 10; trial++) {
      var ticket = ticket(ada);
      assertTrue(opens(b, ticket));
      assertTrue(!opens(a, ticket) && !opens(b, ticket), "a ticket was accepted twice");
    }
    assertTrue(!opens(b, "invented"), "an invented ticket was accepted");
  }

  @DisplayName("a session that is opened with a nonce of the other server is valid on both")
  @Test
  void sessionIsValidOnBoth() {
    var browser = BrowserKey.p256();
    var key = new ArrayList<String>();
    browser.jwk().forEach((name, value) -> key.add("\"" + name + "\":\"" + value + "\""));
    var created =
        a.http()
            .post(
                "/api/identities",
                "{\"name\":\"Ada\",\"publicKey\":{" + String.join(",", key) + "}}");
    assertStatus(201, created);
    var identity = json(created).path("identity").asText();
    var path = "/api/identities/" + identity;
    var nonce = json(b.http().post(path + "/nonce", "{}")).path("nonce").asText();
    var origin = "http://127.0.0.1:" + a.port();
    var body =
        "{\"nonce\":\"%s\",\"signature\":\"%s\"}"
            .formatted(nonce, browser.signed(Sessions.textToSign(origin, identity, nonce)));
    var opened = a.http().post(path + "/sessions", body, "Origin", origin);
    assertStatus(201, opened);
    var person = new Person(identity, json(opened).path("token").asText());
    for (var server : List.of(a, b)) {
      var room = new RoomUnderTest(server.http(), a.room("sessions").created());
      assertStatus(200, room.withLink("player", person).post("/join", "{\"name\":\"Ada\"}"));
    }
    assertStatus(401, a.http().post(path + "/sessions", body, "Origin", origin));
  }

  @DisplayName("20 people use an invitation for 5 on both servers: 5 join")
  @Test
  void invitationIsUsedOnBoth() throws Exception {
    var host = a.person("Host");
    var room = a.room("invitation");
    var created = room.join("host", host).post("/invitations", "{\"role\":\"player\",\"uses\":5}");
    assertStatus(201, created);
    var link = json(created).path("link").asText();
    var key = link.substring(link.indexOf("#k=") + 3);
    var calls = new ArrayList<Callable<Integer>>();
    for (var i = 0; i < 20; i++) {
      var person = a.person("Guest");
      var server = i % 2 == 0 ? a : b;
      calls.add(
          () ->
              server
                  .http()
                  .post(
                      room.path("/join"),
                      "{\"name\":\"Guest\"}",
                      "Authorization",
                      "Bearer " + person.token(),
                      "Parlor-Key",
                      key)
                  .statusCode());
    }
    var joined = 0;
    try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
      for (var status : threads.invokeAll(calls)) {
        joined += status.get() == 200 ? 1 : 0;
        assertTrue(status.get() == 200 || status.get() == 403, "status " + status.get());
      }
    }
    assertEquals(5, joined);
  }

  @DisplayName("a request is repeated on the other server: one room, the same reply")
  @Test
  void repetitionOnTheOtherServerHasOneEffect() {
    var token = "Bearer " + a.person("Ada").token();
    for (var trial = 0; trial < 10; trial++) {
      var key = "key number " + trial;
      var first =
          a.http()
              .post(
                  "/api/rooms",
                  "{\"title\":\"x\"}",
                  "Authorization",
                  token,
                  "Idempotency-Key",
                  key);
      assertStatus(201, first);
      var second =
          b.http()
              .post(
                  "/api/rooms",
                  "{\"title\":\"x\"}",
                  "Authorization",
                  token,
                  "Idempotency-Key",
                  key);
      assertStatus(201, second);
      assertEquals(json(first).path("slug"), json(second).path("slug"));
      assertEquals("true", second.headers().firstValue("Idempotency-Replayed").orElse(""));
      assertStatus(
          422,
          b.http()
              .post(
                  "/api/rooms",
                  "{\"title\":\"y\"}",
                  "Authorization",
                  token,
                  "Idempotency-Key",
                  key));
    }
  }
}
