package dev.parlor.room.http;

import static dev.parlor.room.http.HttpClientForTests.json;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.networknt.schema.Error;
import com.networknt.schema.Schema;
import com.networknt.schema.SchemaRegistry;
import com.networknt.schema.SpecificationVersion;
import dev.parlor.room.http.EventsIT.Client;
import dev.parlor.room.http.EventsIT.ReceivedEvent;
import dev.parlor.room.http.StubProvider.Answer;
import dev.parlor.room.http.TestServer.Member;
import dev.parlor.room.image.ImageFiles;
import dev.parlor.room.worker.RoomEvent;
import java.io.IOException;
import java.lang.reflect.Modifier;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentLinkedDeque;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The events of a real room's stream against their published schema. */
@Timeout(value = 90, unit = TimeUnit.SECONDS)
class EventSchemaIT {
  private static final ObjectMapper JSON = new ObjectMapper();

  @TempDir private Path folder;

  private static String schemaText() throws Exception {
    var fromRoot = Path.of("docs/schemas/room-events.schema.json");
    var file = Files.exists(fromRoot) ? fromRoot : Path.of("../..").resolve(fromRoot);
    return Files.readString(file);
  }

  /** The names of the events that the schema describes. */
  private static Set<String> names(JsonNode schema) {
    var names = new TreeSet<String>();
    schema.path("oneOf").forEach(event -> names.add(event.path("title").asText()));
    return names;
  }

  /** The names of all events of a room, and of the event for a client that missed some. */
  private static Set<String> allNames() throws IllegalAccessException {
    var names = new TreeSet<>(Set.of(EventSchema.RELOAD));
    for (var field : RoomEvent.class.getDeclaredFields()) {
      if (Modifier.isStatic(field.getModifiers()) && field.getType() == String.class) {
        names.add((String) field.get(null));
      }
    }
    return names;
  }

  @Test
  @DisplayName(
      "the file of the events' schema equals the schema that the server shows, and describes each"
          + " event of the code")
  void schemaIsCurrent() throws Exception {
    try (var server = TestServer.start(folder)) {
      var shown = json(server.http().get("/api/events"));
      assertEquals(shown, JSON.readTree(schemaText()), shown::toPrettyString);
      assertEquals(allNames(), names(shown));
    }
  }

  private static ObjectNode asObject(ReceivedEvent event) {
    var object = JSON.createObjectNode();
    if (!event.id().isEmpty()) {
      object.put("id", event.id());
    }
    object.put("event", event.name());
    object.set("data", event.data());
    return object;
  }

  private static void assertValid(Schema schema, List<ReceivedEvent> events) {
    for (var event : events) {
      var object = asObject(event);
      var violations = schema.validate(object).stream().map(Error::toString).toList();
      assertEquals(List.of(), violations, object::toString);
    }
  }

  private static JsonNode success(HttpResponse<String> response) {
    assertTrue(response.statusCode() / 100 == 2, response.body());
    return json(response);
  }

  private static String ask(Member member, String query) {
    var body = "{\"query\":\"" + query + "\"}";
    return success(member.post("/generate", body)).path("request").asText();
  }

  private static void asked(Member member, String query) {
    success(member.get("/results/" + ask(member, query) + "?wait=30"));
  }

  /** Endpoint {@code here} with the model {@code small}, then {@code there} with {@code big}. */
  private Map<String, String> settings(StubProvider here, StubProvider there) throws Exception {
    var file =
        """
        {"endpoints": [
          {"name": "here", "url": "%s", "models": ["small"]},
          {"name": "there", "url": "%s", "models": ["big"]}],
         "default": "small", "fallback": ["big"]}
        """
            .formatted(
                here.settings().get("PARLOR_LLM_URL"), there.settings().get("PARLOR_LLM_URL"));
    return Map.of("PARLOR_MODELS", Files.writeString(folder.resolve("m.json"), file).toString());
  }

  private static String image(Member member) {
    var http = member.room().http();
    var bytes = BodyPublishers.ofByteArray(ImageFiles.of("png", 3, 2, 0xff));
    var request = http.request(member.room().path("/images"), member.headers()).POST(bytes);
    return success(http.send(request.build())).path("id").asText();
  }

  /** Plays cards and talks. */
  private static void play(Member ada, Member bob) {
    success(ada.post("/commands/settings", "{\"turnMode\":\"turns\"}"));
    success(ada.post("/play", "{\"type\":\"tone\",\"text\":\"Dry\"}"));
    var image = image(bob);
    success(bob.post("/play", "{\"type\":\"image\",\"image\":\"" + image + "\"}"));
    success(bob.post("/chat", "{\"text\":\"\",\"image\":\"" + image + "\"}"));
  }

  /** Changes a window, and waits for the event of each change: together they would be one event. */
  private static List<ReceivedEvent> changeWindow(Member ada, Client client) throws IOException {
    var events = new ArrayList<ReceivedEvent>();
    var open = "{\"windowType\":\"note\",\"title\":\"N\"}";
    var made = success(ada.post("/commands/window_open", open)).path("window").asText();
    events.addAll(client.until(event -> isChange(event, "opened")));
    var id = "{\"window\":\"" + made + "\",";
    success(ada.post("/commands/window_move", id + "\"x\":40,\"y\":50}"));
    events.addAll(client.until(event -> isChange(event, "moved")));
    success(ada.post("/commands/window_resize", id + "\"width\":440,\"height\":350}"));
    events.addAll(client.until(event -> isChange(event, "resized")));
    success(ada.post("/commands/window_rename", id + "\"title\":\"Other\"}"));
    events.addAll(client.until(event -> isChange(event, "renamed")));
    success(ada.post("/commands/window_state", id + "\"state\":\"minimized\"}"));
    events.addAll(client.until(event -> isChange(event, "minimized")));
    success(ada.post("/commands/window_close", "{\"window\":\"" + made + "\"}"));
    events.addAll(client.until(event -> isChange(event, "closed")));
    return events;
  }

  private static boolean isChange(ReceivedEvent event, String change) {
    return event.data().path("change").asText().equals(change);
  }

  /** Answers with the next of these; the last answer stays. */
  private static void script(StubProvider provider, Deque<Answer> answers) {
    provider.answer = _ -> answers.size() > 1 ? answers.removeFirst() : answers.getFirst();
  }

  /** Asks until each event of answers has come. */
  private static void answers(Member ada, Member bob, StubProvider here, StubProvider there) {
    var thought =
        new Answer(
            200,
            "text/event-stream",
            """
            data: {"choices":[{"delta":{"reasoning_content":"Hm."}}]}

            data: {"choices":[{"delta":{"content":"Hello"},"finish_reason":"stop"}]}

            data: [DONE]

            """);
    var tags = StubProvider.stream(List.of("Let me think", ".</think>\\n\\nHel", "lo"), "stop");
    script(
        here,
        new ConcurrentLinkedDeque<>(
            List.of(
                StubProvider.error(503, "busy"),
                thought,
                tags,
                StubProvider.error(401, "No key"))));
    asked(ada, "retried, with thoughts");
    asked(ada, "restarted");
    asked(ada, "answered by the other endpoint");
    there.answer = _ -> StubProvider.error(401, "No key");
    asked(ada, "refused by both");
    var stopped = new CountDownLatch(1);
    here.answer =
        _ -> {
          try {
            stopped.await(30, TimeUnit.SECONDS);
          } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
          }
          return StubProvider.text("too late", "stop");
        };
    var running = ask(ada, "stopped");
    var waiting = ask(bob, "waits");
    success(ada.post("/stop", "{\"request\":\"" + running + "\"}"));
    success(bob.get("/results/" + running + "?wait=30"));
    here.answer = _ -> StubProvider.text("Now", "stop");
    success(bob.post("/queue/resume", "{}"));
    success(bob.get("/results/" + waiting + "?wait=30"));
    stopped.countDown();
    success(ada.post("/chat", "{\"text\":\"the end\"}"));
  }

  @Test
  @DisplayName(
      "each event of a recorded stream is valid by the published schema, in a story with all events"
          + " that a real room sends")
  void recordedStreamIsValid() throws Exception {
    var schema =
        SchemaRegistry.withDefaultDialect(SpecificationVersion.DRAFT_2020_12)
            .getSchema(schemaText());
    try (var here = new StubProvider();
        var there = new StubProvider();
        var server = TestServer.start(folder, settings(here, there))) {
      var ada = server.room("Events").join("host", server.person("Ada"));
      var events = new ArrayList<ReceivedEvent>();
      try (var client = Client.open(ada)) {
        var bob = ada.room().join("player", server.person("Bob"));
        ProgramClient.of(server, bob).close();
        play(ada, bob);
        events.addAll(changeWindow(ada, client));
        answers(ada, bob, here, there);
        events.addAll(client.until(event -> event.data().path("text").asText().equals("the end")));
        while (events.stream().noneMatch(event -> event.name().equals("player-left"))) {
          events.add(client.next());
        }
      }
      try (var client = Client.open(ada, "Last-Event-ID", "another-boot-7")) {
        events.add(client.next());
      }
      assertValid(schema, events);
      var seen = new TreeSet<>(events.stream().map(ReceivedEvent::name).toList());
      // The server refuses forged values before the document has them, so no client causes this.
      seen.add(RoomEvent.FORGED_WRITE);
      assertEquals(names(JSON.readTree(schemaText())), seen);
      assertTrue(
          events.stream()
              .anyMatch(each -> each.name().equals("card-played") && each.data().has("image")));
    }
  }

  @Test
  @DisplayName("the schema refuses an event with a missing, further or wrong field")
  void schemaIsStrict() throws Exception {
    var schema =
        SchemaRegistry.withDefaultDialect(SpecificationVersion.DRAFT_2020_12)
            .getSchema(schemaText());
    var good =
        "{\"event\":\"turn-changed\",\"data\":{\"at\":1,\"turn\":2,\"identity\":\"a\",\"name\":\"b\"}}";
    assertEquals(List.of(), schema.validate(JSON.readTree(good)));
    var bad = new ArrayDeque<String>();
    bad.add(good.replace("\"turn\":2,", ""));
    bad.add(good.replace("\"turn\":2", "\"turn\":\"2\""));
    bad.add(good.replace("\"name\"", "\"more\":1,\"name\""));
    bad.add(good.replace("turn-changed", "no-such-event"));
    for (var event : bad) {
      assertTrue(!schema.validate(JSON.readTree(event)).isEmpty(), event);
    }
  }
}
