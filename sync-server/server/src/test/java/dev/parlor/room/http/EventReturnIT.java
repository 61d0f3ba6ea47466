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

/** An event stream that was opened by a ticket, and its breaking connections. */
@Timeout(value = 120, unit = TimeUnit.SECONDS)
class EventReturnIT {
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
    var bought = member.post("/tickets", "{}");
    assertEquals(201, bought.statusCode(), bought.body());
    var url = json(bought).path("url").asText();
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

  /** Receives chat messages up to and including the last one. */
  private static List<String> chat(EventSourceForTests source, String last) throws Exception {
    var texts = new ArrayList<String>();
    while (!texts.contains(last)) {
      var next = source.next();
      assertEquals(0, next.failed(), "it gave up after " + texts);
      if (next.name().equals("chat")) {
        texts.add(next.data().path("text").asText());
      }
    }
    return texts;
  }

  @Test
  @DisplayName(
      "A stream opened by a ticket reconnects after each break without losing or repeating an event")
  void streamsComeBack() throws Exception {
    var ada = member("host");
    try (var proxy = new BreakingProxy(server.port());
        var source = source(proxy.port(), ada, ticket(ada))) {
      source.awaitId();
      var said = new ArrayList<String>();
      for (var round = 0; round < 8; round++) {
        say(ada, "before " + round);
        said.add("before " + round);
        if (round % 2 == 0) {
          assertEquals(said, chatOf(source, said));
          said.clear();
        }
        proxy.breakAll();
        say(ada, "while away " + round);
        said.add("while away " + round);
      }
      assertEquals(said, chatOf(source, said));
      assertTrue(source.isQuiet());
    }
  }

  private static List<String> chatOf(EventSourceForTests source, List<String> said)
      throws Exception {
    return chat(source, said.getLast());
  }

  @Test
  @DisplayName("A stream that breaks at any byte after its first event id loses no event")
  void streamsBreakAnywhere() throws Exception {
    var ada = member("host");
    try (var proxy = new BreakingProxy(server.port());
        var source = source(proxy.port(), ada, ticket(ada))) {
      source.awaitId();
      source.awaitOpen();
      var said = new ArrayList<String>();
      for (var bytes = 1; bytes < 1_600; bytes += 97) {
        // The next connections break in the headers, in the first block and in events.
        proxy.breakAfter(bytes);
        proxy.breakAll();
        say(ada, "at " + bytes);
        said.add("at " + bytes);
      }
      proxy.hold();
      proxy.breakAll();
      say(ada, "at last");
      said.add("at last");
      assertEquals(said, chatOf(source, said));
    }
  }

  @Test
  @DisplayName("A stream that breaks before its first event receives all later events")
  void quietStreamsComeBack() throws Exception {
    var ada = member("host");
    try (var proxy = new BreakingProxy(server.port());
        var source = source(proxy.port(), ada, ticket(ada))) {
      source.awaitId();
      proxy.breakAll();
      say(ada, "first");
      assertEquals(List.of("first"), chat(source, "first"));
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
  @DisplayName("A used ticket without an event id of its own stream is refused")
  void usedTicketsAloneOpenNothing() throws Exception {
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
    assertEquals(200, status(ada, ticket, "Last-Event-ID", id), "and again");
  }

  @Test
  @DisplayName("A ticket that opened a WebSocket opens no stream")
  void ticketsOfSocketsOpenNoStream() throws Exception {
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
  void laterConnectionTakesOver() throws Exception {
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
  @DisplayName("A removed person's stream cannot reconnect, and the answer names the reason")
  void removedPeopleDoNotComeBack() throws Exception {
    var host = member("host");
    var guest = host.room().join("player", server.person("Bo"));
    var ticket = ticket(guest);
    try (var source = source(server.port(), guest, ticket)) {
      var id = source.awaitId();
      var kick = "/participants/" + guest.who().identity() + "/kick";
      assertEquals(200, host.post(kick, "{}").statusCode());
      assertEquals(403, gaveUp(source));
      var refused = server.http().get(path(guest, ticket), "Last-Event-ID", id);
      assertProblem(403, "kicked", refused);
      var again = server.http().request(host.room().path(kick), host.headers()).DELETE().build();
      assertEquals(200, server.http().send(again).statusCode());
      assertEquals(401, status(guest, ticket, "Last-Event-ID", id), "a new ticket is needed");
      assertEquals(200, status(guest, ticket(guest)));
    }
  }

  @Test
  @DisplayName("A changed role ends the stream; a new ticket opens another one")
  void changedRolesNeedANewTicket() throws Exception {
    var host = member("host");
    var guest = host.room().join("player", server.person("Bo"));
    var ticket = ticket(guest);
    try (var source = source(server.port(), guest, ticket)) {
      var id = source.awaitId();
      var role = "/participants/" + guest.who().identity() + "/role";
      assertEquals(200, host.post(role, "{\"role\":\"spectator\"}").statusCode());
      assertEquals(403, gaveUp(source));
      assertEquals(403, status(guest, ticket, "Last-Event-ID", id));
      assertEquals(200, status(guest, ticket(guest)));
    }
  }

  private static int gaveUp(EventSourceForTests source) throws Exception {
    var next = source.next();
    while (next.failed() == 0) {
      next = source.next();
    }
    return next.failed();
  }

  @Test
  @DisplayName("A stream that was opened by a link cannot reconnect after the link's end")
  void endedLinksEndStreams() throws Exception {
    var host = member("host");
    var guest = host.room().join("player", server.person("Bo"));
    var ticket = ticket(guest);
    try (var source = source(server.port(), guest, ticket)) {
      source.awaitId();
      var end =
          server.http().request(host.room().path("/links/player"), host.headers()).DELETE().build();
      assertEquals(200, server.http().send(end).statusCode());
      assertEquals(403, gaveUp(source));
    }
  }

  @Test
  @DisplayName(
      "After a restart the old ticket is a 401, and a new ticket's stream says to reload first")
  void restartsAreTold(@TempDir Path folder) throws Exception {
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
      var bought = http.post(ada.room().path("/tickets"), "{}", ada.headers());
      var url = json(bought).path("url").asText();
      var fresh = url.substring(url.lastIndexOf('/') + 1);
      var uri =
          URI.create("http://127.0.0.1:" + second.port() + path(ada, fresh) + "&lastEventId=" + id);
      try (var source = new EventSourceForTests(uri)) {
        assertEquals("reload", source.next().name());
      }
    }
  }

  @Test
  @DisplayName("A ticket request repeated with its Idempotency-Key returns a working ticket")
  void repeatedTicketsWork() throws Exception {
    var ada = member("host");
    for (var i = 0; i < 2; i++) {
      var bought = ada.post("/tickets", "{}", "Idempotency-Key", "again and again");
      var url = json(bought).path("url").asText();
      assertEquals(200, status(ada, url.substring(url.lastIndexOf('/') + 1)), "request " + i);
    }
  }
}
