package dev.parlor.room.http;

import static dev.parlor.room.http.HttpClientForTests.assertProblem;
import static dev.parlor.room.http.HttpClientForTests.json;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.parlor.room.http.TestServer.Member;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The stream of server-sent events of a room, over HTTP. */
@Timeout(value = 60, unit = TimeUnit.SECONDS)
class EventsIT {
  private static final ObjectMapper JSON = new ObjectMapper();

  private static TestServer server;

  @BeforeAll
  static void start(@TempDir Path folder) throws Exception {
    server = TestServer.start(folder);
  }

  @AfterAll
  static void stop() throws Exception {
    server.close();
  }

  /** An event that a client received. */
  record ReceivedEvent(String id, String name, JsonNode data) {}

  /** The client side of an event stream. */
  static final class Client implements AutoCloseable {
    private final InputStream in;
    private final BufferedReader lines;

    private Client(HttpResponse<InputStream> response) {
      this.in = response.body();
      this.lines = new BufferedReader(new InputStreamReader(in, StandardCharsets.UTF_8));
    }

    static Client open(Member member, String... extraHeaders) throws Exception {
      var http = member.room().http();
      var request = http.request(member.room().path("/events"), member.headers());
      for (var i = 0; i < extraHeaders.length; i += 2) {
        request.header(extraHeaders[i], extraHeaders[i + 1]);
      }
      var response = http.client.send(request.build(), HttpResponse.BodyHandlers.ofInputStream());
      assertEquals(200, response.statusCode());
      assertEquals(
          "text/event-stream; charset=utf-8",
          response.headers().firstValue("Content-Type").orElse(""));
      var client = new Client(response);
      assertEquals("retry: 1000", client.lines.readLine());
      return client;
    }

    ReceivedEvent next() throws IOException {
      var id = "";
      var name = "";
      var data = "";
      for (var line = lines.readLine(); line != null; line = lines.readLine()) {
        if (line.startsWith("id: ")) {
          id = line.substring(4);
        } else if (line.startsWith("event: ")) {
          name = line.substring(7);
        } else if (line.startsWith("data: ")) {
          data = line.substring(6);
        } else if (line.isEmpty() && !name.isEmpty()) {
          return new ReceivedEvent(id, name, JSON.readTree(data));
        }
      }
      throw new IOException("the stream ended");
    }

    /** Receives events until one matches; returns all of them, including the match. */
    List<ReceivedEvent> until(Predicate<ReceivedEvent> last) throws IOException {
      var received = new ArrayList<ReceivedEvent>();
      while (received.isEmpty() || !last.test(received.getLast())) {
        received.add(next());
      }
      return received;
    }

    @Override
    public void close() throws IOException {
      in.close();
    }
  }

  private static Member member() {
    return server.room("A room").join("host", server.person("Ada"));
  }

  private static void say(Member member, String text) {
    var response = member.post("/chat", "{\"text\":\"" + text + "\"}");
    assertEquals(201, response.statusCode(), response.body());
  }

  private static Predicate<ReceivedEvent> isChat(String text) {
    return event -> event.name().equals("chat") && event.data().path("text").asText().equals(text);
  }

  @DisplayName("joins, played cards and chat messages arrive as events")
  @Test
  void peopleCardsAndChatAreEvents() throws Exception {
    var ada = member();
    try (var client = Client.open(ada)) {
      ada.room().join("player", server.person("Bo"));
      var card = ada.post("/play", "{\"type\":\"tone\",\"text\":\"Dry\"}");
      say(ada, "hello");
      var received = client.until(isChat("hello"));
      var events =
          received.subList(received.size() - 3, received.size()); // Ada's own join may come first.
      var names = events.stream().map(ReceivedEvent::name).toList();
      assertEquals(List.of("player-joined", "card-played", "chat"), names);
      assertEquals(
          json(card).path("card").path("id"),
          events.get(1).data().path("card"),
          events.get(1).data().toString());
    }
  }

  @DisplayName("a client that reconnects with its last event id receives each event once")
  @Test
  void reconnectingClientGetsEachEventOnce() throws Exception {
    var ada = member();
    String last;
    var ids = new ArrayList<String>();
    try (var client = Client.open(ada)) {
      say(ada, "one");
      say(ada, "two");
      client.until(isChat("two")).forEach(event -> ids.add(event.id()));
      last = ids.getLast();
    }
    say(ada, "three");
    say(ada, "four");
    try (var client = Client.open(ada, "Last-Event-ID", last)) {
      say(ada, "five");
      var events = client.until(isChat("five"));
      assertEquals(
          List.of("three", "four", "five"),
          events.stream().map(event -> event.data().path("text").asText()).toList());
      events.forEach(event -> ids.add(event.id()));
    }
    var numbers =
        ids.stream().map(id -> Integer.parseInt(id.substring(id.indexOf('-') + 1))).toList();
    for (var i = 1; i < numbers.size(); i++) {
      assertEquals(numbers.get(i - 1) + 1, numbers.get(i), "no gap and no repeat in " + ids);
    }
  }

  @DisplayName("a client whose last event id the server does not know is told to reload the room")
  @Test
  void unknownEventIdGetsAReloadEvent() throws Exception {
    var ada = member();
    try (var client = Client.open(ada, "Last-Event-ID", "another-boot-7")) {
      var first = client.next();
      assertEquals("reload", first.name());
      assertEquals("", first.id());
      say(ada, "hello");
      assertEquals("chat", client.until(isChat("hello")).getLast().name());
    }
  }

  @DisplayName("the deltas of a generation concatenate to its answer")
  @Test
  void deltasConcatenateToTheAnswer() throws Exception {
    var ada = member();
    ada.post("/play", "{\"type\":\"token-limit\",\"text\":\"20\"}");
    try (var client = Client.open(ada)) {
      var response = ada.post("/generate", "{\"query\":\"Write a haiku\"}");
      var request = json(response).path("request").asText();
      var events = client.until(event -> event.name().equals("generation-stopped"));
      assertTrue(events.stream().anyMatch(event -> event.name().equals("generation-started")));
      var text = new StringBuilder();
      for (var event : events) {
        if (event.name().equals("generation-delta")) {
          assertEquals(text.length(), event.data().path("index").asInt());
          text.append(event.data().path("text").asText());
        }
      }
      var result = json(ada.get("/results/" + request));
      assertEquals(result.path("text").asText(), text.toString());
      assertTrue(
          events.stream().noneMatch(event -> event.name().equals("forged-write")),
          "the server's own writes do not count as forged");
    }
  }

  @DisplayName("a ticket opens one event stream only")
  @Test
  void ticketOpensOneStream() throws Exception {
    var ada = member();
    var url = json(ada.post("/tickets", "{}")).path("url").asText();
    var ticket = url.substring(url.lastIndexOf('/') + 1);
    var path = ada.room().path("/events?ticket=" + ticket);
    var http = server.http();
    var first =
        http.client.send(http.request(path).build(), HttpResponse.BodyHandlers.ofInputStream());
    assertEquals(200, first.statusCode());
    first.body().close();
    assertProblem(401, "unauthorized", http.get(path));
    assertProblem(401, "unauthorized", http.get(ada.room().path("/events")));
  }
}
