package dev.parlor.room.http;

import static dev.parlor.room.http.HttpClientForTests.assertProblem;
import static dev.parlor.room.http.HttpClientForTests.json;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.parlor.room.http.TestServer.Member;
import java.net.URI;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Event streams that were opened with a ticket reconnect after their connections broke. */
@Timeout(value = 120, unit = TimeUnit.SECONDS)
class EventReconnectIT {
  private static TestServer server;

  @BeforeAll
  static void start(@TempDir Path folder) throws Exception {
    server = TestServer.start(folder);
  }

  @AfterAll
  static void stop() throws Exception {
    server.close();
  }

  private static Member member(String role) {
    return server.room("A room").join(role, server.person("Ada"));
  }

  private static String ticket(Member member) {
    var created = member.post("/tickets", "{}");
    assertEquals(201, created.statusCode(), created.body());
    var url = json(created).path("url").asText();
    return url.substring(url.lastIndexOf('/') + 1);
  }

  private static String path(Member member, String ticket) {
    return member.room().path("/events?ticket=" + ticket);
  }

  private static EventSourceForTests source(int port, Member member, String ticket) {
    return new EventSourceForTests(URI.create("http://127.0.0.1:" + port + path(member, ticket)));
  }

  private static void say(Member member, String text) {
    var response = member.post("/chat", "{\"text\":\"" + text + "\"}");
    assertEquals(201, response.statusCode(), response.body());
  }

  /** Receives chat messages up to and including {@code last}. */
  private static List<String> chatUntil(EventSourceForTests source, String last) throws Exception {
    var texts = new ArrayList<String>();
    while (!texts.contains(last)) {
      var next = source.next();
      assertEquals(0, next.failedStatus(), "the event source failed after " + texts);
      if (next.name().equals("chat")) {
        texts.add(next.data().path("text").asText());
      }
    }
    return texts;
  }

  @Test
  @DisplayName(
      "A stream opened by a ticket reconnects after each break without losing or repeating an event")
  void streamReconnectsWithoutLossOrRepeat() throws Exception {
    var ada = member("host");
    try (var proxy = new BreakingProxy(server.port());
        var source = source(proxy.port(), ada, ticket(ada))) {
      source.awaitId();
      var sent = new ArrayList<String>();
      for (var round = 0; round < 8; round++) {
        say(ada, "before " + round);
        sent.add("before " + round);
        if (round % 2 == 0) {
          assertEquals(sent, chatUntil(source, sent.getLast()));
          sent.clear();
        }
        proxy.breakAll();
        say(ada, "while disconnected " + round);
        sent.add("while disconnected " + round);
      }
      assertEquals(sent, chatUntil(source, sent.getLast()));
      assertTrue(source.hasNoUnreadEvents());
    }
  }

  @Test
  @DisplayName("A stream that breaks at any byte after its first event id loses no event")
  void streamThatBreaksAtAnyByteLosesNoEvent() throws Exception {
    var ada = member("host");
    try (var proxy = new BreakingProxy(server.port());
        var source = source(proxy.port(), ada, ticket(ada))) {
      source.awaitId();
      source.awaitOpen();
      var sent = new ArrayList<String>();
      for (var bytes = 1; bytes < 1_600; bytes += 97) {
        // Depending on the number, the next connections break in the headers, the first chunk or an
        // event.
        proxy.breakAfter(bytes);
        proxy.breakAll();
        say(ada, "at " + bytes);
        sent.add("at " + bytes);
      }
      proxy.stopBreaking();
      proxy.breakAll();
      say(ada, "at last");
      sent.add("at last");
      assertEquals(sent, chatUntil(source, sent.getLast()));
    }
  }

  @Test
  @DisplayName("A stream that breaks before its first event receives all later events")
  void streamThatBreaksBeforeItsFirstEventLosesNoEvent() throws Exception {
    var ada = member("host");
    try (var proxy = new BreakingProxy(server.port());
        var source = source(proxy.port(), ada, ticket(ada))) {
      source.awaitId();
      proxy.breakAll();
      say(ada, "first");
      assertEquals(List.of("first"), chatUntil(source, "first"));
    }
  }

  private static int status(Member member, String ticket, String... headers) throws Exception {
    return response(member, ticket, headers).statusCode();
  }

  private static HttpResponse<java.io.InputStream> response(
      Member member, String ticket, String... headers) throws Exception {
    var http = server.http();
    var response =
        http.client.send(
            http.request(path(member, ticket), headers).build(),
            HttpResponse.BodyHandlers.ofInputStream());
    response.body().close();
    return response;
  }

  @Test
  @DisplayName("A used ticket without an event id of the same stream is refused")
  void usedTicketWithoutItsEventIdIsRefused() throws Exception {
    var ada = member("host");
    var ticket = ticket(ada);
    String id;
    try (var source = source(server.port(), ada, ticket)) {
      id = source.awaitId();
    }
    assertEquals(401, status(ada, ticket));
    assertEquals(401, status(ada, ticket, "Last-Event-ID", "1"));
    assertEquals(401, status(ada, ticket, "Last-Event-ID", "0123456789ab-0"));
    assertEquals(401, status(ada, ticket + "&lastEventId=" + id), "the id must not be in the URL");
    assertEquals(401, status(ada, "x" + ticket, "Last-Event-ID", id));
    var other = member("host");
    assertEquals(401, status(other, ticket, "Last-Event-ID", id), "another room");
    var socket = server.http().get("/sync/t/" + ticket, "Last-Event-ID", id);
    assertEquals(404, socket.statusCode());
    assertEquals(200, status(ada, ticket, "Last-Event-ID", id));
    assertEquals(200, status(ada, ticket, "Last-Event-ID", id), "a second reconnect");
  }

  @Test
  @DisplayName("A ticket that opened a WebSocket opens no stream")
  void ticketOfAWebSocketOpensNoStream() throws Exception {
    var ada = member("host");
    var ticket = ticket(ada);
    try (var http = new RawHttp(server.port())) {
      http.send(
          "GET",
          "/sync/t/" + ticket,
          "Connection",
          "Upgrade",
          "Upgrade",
          "websocket",
          "Sec-WebSocket-Version",
          "13",
          "Sec-WebSocket-Key",
          "AAAAAAAAAAAAAAAAAAAAAA==");
      assertEquals(101, http.head().status());
    }
    assertEquals(401, status(ada, ticket, "Last-Event-ID", "0123456789ab-0"));
  }

  @Test
  @DisplayName("A reconnect of a stream ends the stream's earlier connection")
  void reconnectEndsTheEarlierConnection() throws Exception {
    var ada = member("host");
    var ticket = ticket(ada);
    try (var first = new RawHttp(server.port());
        var second = new RawHttp(server.port())) {
      first.send("GET", path(ada, ticket));
      assertEquals(200, first.head().status());
      var id = "";
      while (!id.startsWith("id: ")) {
        id = first.line();
      }
      second.send("GET", path(ada, ticket), "Last-Event-ID", id.substring(4));
      assertEquals(200, second.head().status());
      while (!first.line().equals("0")) {} // the last chunk
      say(ada, "for the second");
      while (!second.line().contains("for the second")) {}
    }
  }

  @Test
  @DisplayName("A removed person's stream cannot reconnect, and the response names the reason")
  void removedPersonCannotReconnect() throws Exception {
    var host = member("host");
    var guest = host.room().join("player", server.person("Bo"));
    var ticket = ticket(guest);
    try (var source = source(server.port(), guest, ticket)) {
      var id = source.awaitId();
      var kick = "/participants/" + guest.person().identity() + "/kick";
      assertEquals(200, host.post(kick, "{}").statusCode());
      assertEquals(403, awaitFailure(source));
      var refused = server.http().get(path(guest, ticket), "Last-Event-ID", id);
      assertProblem(403, "kicked", refused);
      var undo = server.http().request(host.room().path(kick), host.headers()).DELETE().build();
      assertEquals(200, server.http().send(undo).statusCode());
      assertEquals(401, status(guest, ticket, "Last-Event-ID", id), "a new ticket is needed");
      assertEquals(200, status(guest, ticket(guest)));
    }
  }

  @Test
  @DisplayName("A changed role ends the stream; a new ticket opens another one")
  void changedRoleNeedsANewTicket() throws Exception {
    var host = member("host");
    var guest = host.room().join("player", server.person("Bo"));
    var ticket = ticket(guest);
    try (var source = source(server.port(), guest, ticket)) {
      var id = source.awaitId();
      var role = "/participants/" + guest.person().identity() + "/role";
      assertEquals(200, host.post(role, "{\"role\":\"spectator\"}").statusCode());
      assertEquals(403, awaitFailure(source));
      assertEquals(403, status(guest, ticket, "Last-Event-ID", id));
      assertEquals(200, status(guest, ticket(guest)));
    }
  }

  /** Skips events until the source fails; returns the HTTP status of the failure. */
  private static int awaitFailure(EventSourceForTests source) throws Exception {
    var next = source.next();
    while (next.failedStatus() == 0) {
      next = source.next();
    }
    return next.failedStatus();
  }

  @Test
  @DisplayName("A host who ends a link ends the streams of its users, and they cannot reconnect")
  void endedLinkEndsItsStreams() throws Exception {
    var host = member("host");
    var guest = host.room().join("player", server.person("Bo"));
    var ticket = ticket(guest);
    try (var source = source(server.port(), guest, ticket)) {
      source.awaitId();
      var end =
          server.http().request(host.room().path("/links/player"), host.headers()).DELETE().build();
      assertEquals(200, server.http().send(end).statusCode());
      assertEquals(403, awaitFailure(source));
    }
  }

  @Test
  @DisplayName(
      "After a restart an old ticket gets 401, and a stream with an old event id starts with reload")
  void ticketIsInvalidAfterARestart(@TempDir Path folder) throws Exception {
    Member ada;
    String ticket;
    String id;
    try (var first = TestServer.start(folder)) {
      ada = first.room("A room").join("host", first.person("Ada"));
      ticket = ticket(ada);
      var uri = URI.create("http://127.0.0.1:" + first.port() + path(ada, ticket));
      try (var source = new EventSourceForTests(uri)) {
        id = source.awaitId();
      }
    }
    try (var second = TestServer.start(folder)) {
      var http = second.http();
      assertProblem(401, "unauthorized", http.get(path(ada, ticket), "Last-Event-ID", id));
      var created = http.post(ada.room().path("/tickets"), "{}", ada.headers());
      var url = json(created).path("url").asText();
      var newTicket = url.substring(url.lastIndexOf('/') + 1);
      var uri =
          URI.create(
              "http://127.0.0.1:" + second.port() + path(ada, newTicket) + "&lastEventId=" + id);
      try (var source = new EventSourceForTests(uri)) {
        assertEquals("reload", source.next().name());
      }
    }
  }

  @Test
  @DisplayName("A ticket request repeated with its Idempotency-Key returns a working ticket")
  void repeatedTicketRequestReturnsAWorkingTicket() throws Exception {
    var ada = member("host");
    for (var i = 0; i < 2; i++) {
      var created = ada.post("/tickets", "{}", "Idempotency-Key", "again and again");
      var url = json(created).path("url").asText();
      assertEquals(200, status(ada, url.substring(url.lastIndexOf('/') + 1)), "request " + i);
    }
  }
}
