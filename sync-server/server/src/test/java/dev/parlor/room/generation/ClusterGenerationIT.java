package dev.parlor.room.generation;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.parlor.crdt.identity.DocumentId;
import dev.parlor.nats.NatsServer;
import dev.parlor.room.schema.Result.Status;
import dev.parlor.room.worker.TestPeer;
import java.net.URI;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;

/**
 * Generation on two nodes of a cluster: two server processes, a real server of NATS, and a model
 * endpoint that counts the calls.
 */
@Timeout(180)
@Execution(ExecutionMode.CONCURRENT)
class ClusterGenerationIT {
  private static final ObjectMapper JSON = new ObjectMapper();

  /** The longest time from the death of a node until another one has taken over its runs. */
  private static final int TAKEOVER_SECONDS_MAX = 15;

  @TempDir private Path folder;

  private final List<AutoCloseable> opened = new ArrayList<>();
  private StubModel stub;
  private ServerProcess first;
  private ServerProcess second;

  /** A participant of a room. */
  private record Person(String slug, DocumentId document, String token, String key) {

    HttpResponse<String> send(ServerProcess node, String method, String path, String body)
        throws Exception {
      return node.send(method, "/api/rooms/" + slug + path, body, token, key);
    }

    JsonNode ok(ServerProcess node, String method, String path, String body) throws Exception {
      var response = send(node, method, path, body);
      assertTrue(
          response.statusCode() < 300, () -> path + " " + response.statusCode() + response.body());
      return JSON.readTree(response.body());
    }

    JsonNode ask(ServerProcess node, String question) throws Exception {
      return ok(node, "POST", "/generate", "{\"query\":\"" + question + "\"}");
    }

    JsonNode result(ServerProcess node, String request, int waitSeconds) throws Exception {
      return ok(node, "GET", "/results/" + request + "?wait=" + waitSeconds, "");
    }

    TestPeer peer(ServerProcess node, String name) throws Exception {
      var ticket = ok(node, "POST", "/tickets", "{}");
      return new TestPeer(name, document).connect(URI.create(ticket.path("url").asText()));
    }
  }

  @BeforeEach
  void start() throws Exception {
    var nats = open(NatsServer.start(folder.resolve("nats")));
    nats.init(2, 1);
    stub = open(new StubModel());
    first = open(node(nats, "first"));
    second = open(node(nats, "second"));
  }

  private ServerProcess node(NatsServer nats, String name) throws Exception {
    return new ServerProcess(
            folder.resolve(name),
            stub.url(),
            List.of("--cluster", nats.url(), "--cluster-monitor", nats.monitor().toString()))
        .start();
  }

  private <T extends AutoCloseable> T open(T part) {
    opened.add(part);
    return part;
  }

  @AfterEach
  void stop() throws Exception {
    for (var part : opened.reversed()) {
      part.close();
    }
  }

  /** A host in a new room, which is open on one node. */
  private Person hostOn(ServerProcess node) throws Exception {
    var identity = node.post("/api/identities", "{\"name\":\"Ada\"}", "", "");
    var token = identity.path("token").asText();
    var room = node.post("/api/rooms", "{\"title\":\"Two nodes\"}", token, "");
    var page = room.path("links").path("host").asText();
    var host =
        new Person(
            room.path("slug").asText(),
            DocumentId.parse(room.path("documentId").asText()).orElseThrow(),
            token,
            page.substring(page.indexOf("k=") + 2));
    var _ = host.ok(node, "POST", "/join", "{\"name\":\"Ada\"}");
    return host;
  }

  private interface Condition {
    boolean isTrue() throws Exception;
  }

  private void await(String condition, int secondsMax, Condition isTrue) throws Exception {
    var end = System.nanoTime() + TimeUnit.SECONDS.toNanos(secondsMax);
    while (!isTrue.isTrue()) {
      assertTrue(
          System.nanoTime() < end,
          () -> condition + "\nfirst:\n" + first.output() + "\nsecond:\n" + second.output());
      LockSupport.parkNanos(50_000_000);
    }
  }

  @Test
  @DisplayName(
      "every command for generation gives the same answer on the node that does not decide in the room,"
          + " and each request has one model call and one result")
  void everyCommandWorksOnBothNodes() throws Exception {
    var host = hostOn(first); // the first node decides
    var running = host.ask(second, "Why?");
    assertEquals("running", running.path("state").asText());
    var request = running.path("request").asText();
    var call = stub.next();
    call.startStream().sendText("Because");
    await(
        "the text so far is on the second node",
        20,
        () -> host.result(second, request, 0).path("text").asText().equals("Because"));
    assertEquals("running", host.result(second, request, 0).path("status").asText());
    assertEquals("Why?", host.result(second, request, 0).path("query").asText());

    var waiting = host.ask(second, "And?");
    assertEquals("waiting", waiting.path("state").asText());
    assertEquals(1, waiting.path("place").asInt());
    var waitingId = waiting.path("request").asText();
    var third = host.ask(second, "Then?");
    assertEquals(2, third.path("place").asInt());
    var thirdId = third.path("request").asText();
    assertEquals("waiting", host.result(second, waitingId, 0).path("status").asText());
    assertEquals(2, host.ok(second, "GET", "/queue", "").path("queue").size());
    var moved =
        host.ok(
            second, "POST", "/queue/" + thirdId + "/move", "{\"before\":\"" + waitingId + "\"}");
    assertEquals(1, moved.path("place").asInt());
    assertEquals(404, host.send(second, "DELETE", "/queue/" + request, "").statusCode());
    assertEquals(200, host.send(second, "DELETE", "/queue/" + waitingId, "").statusCode());
    assertEquals("refused", host.result(second, waitingId, 0).path("status").asText());
    assertEquals(404, host.send(second, "DELETE", "/queue/" + waitingId, "").statusCode());

    var stopping = host.ok(second, "POST", "/stop", "{}");
    assertEquals(request, stopping.path("request").asText());
    var stopped = host.result(second, request, 30);
    assertEquals("stopped", stopped.path("status").asText());
    assertEquals("Because", stopped.path("text").asText());
    assertTrue(host.ok(second, "POST", "/queue/resume", "{}").path("resumed").asBoolean());
    var next = stub.next();
    next.startStream().sendText("Later").done(1, 1);
    var result = host.result(second, thirdId, 30);
    assertEquals("done", result.path("status").asText());
    assertEquals("Later", result.path("text").asText());
    assertEquals(result, host.result(first, thirdId, 30));
    assertEquals(409, host.send(second, "POST", "/stop", "{}").statusCode());
    assertEquals(
        422,
        host.send(second, "POST", "/generate", "{\"query\":\"x\",\"after\":\"none\"}")
            .statusCode());
    assertEquals(404, host.send(second, "GET", "/results/unknown?wait=1", "").statusCode());
    assertEquals(2, stub.calls());
  }

  @Test
  @DisplayName("a room that is imported or forked on either node has its results at once")
  void importsWorkOnBothNodes() throws Exception {
    var host = hostOn(first);
    var request = host.ask(first, "Why?").path("request").asText();
    stub.next().startStream().sendText("Because.").done(1, 1);
    var _ = host.result(first, request, 30);
    var exported = host.ok(second, "GET", "/export?as=json", "");
    // The import asks for the list of notes about the call, which the export leaves out if empty.
    exported.path("results").forEach(result -> ((ObjectNode) result.path("usage")).remove("call"));
    var file = exported.toString();
    for (var node : List.of(first, second)) {
      var imported = node.post("/api/rooms/import", file, host.token(), "");
      assertEquals(
          1,
          JSON.readTree(
                  node.send(
                          "GET",
                          "/api/rooms/" + imported.path("slug").asText() + "/export?as=json",
                          "",
                          host.token(),
                          "")
                      .body())
              .path("results")
              .size(),
          imported.toString());
      var fork = host.send(node, "POST", "/fork", "{}");
      assertEquals(201, fork.statusCode(), fork.body());
    }
  }

  @Test
  @DisplayName("the limit of requests in a minute holds on the node that does not decide")
  void limitsHoldOnBothNodes() throws Exception {
    var host = hostOn(first);
    var accepted = 0;
    HttpResponse<String> last;
    do {
      var node = accepted % 2 == 0 ? second : first;
      last = host.send(node, "POST", "/generate", "{\"query\":\"Why?\"}");
      accepted += last.statusCode() == 202 ? 1 : 0;
    } while (last.statusCode() == 202 && accepted < 30);
    assertEquals(429, last.statusCode(), last.body());
    assertEquals(10, accepted);
    assertEquals(429, host.send(second, "POST", "/generate", "{\"query\":\"Why?\"}").statusCode());
    assertEquals(429, host.send(first, "POST", "/generate", "{\"query\":\"Why?\"}").statusCode());
  }

  @Test
  @DisplayName(
      "when a node is killed during an answer, another node ends the run with its text so far and starts"
          + " the waiting request within 15 seconds, also in a room that it has not open")
  void runsOfAKilledNodeAreTakenOver() throws Exception {
    var host = hostOn(first);
    var watched = hostOn(first);
    var request = host.ask(first, "Why?").path("request").asText();
    stub.next().startStream().sendText("Because");
    var inWatched = watched.ask(first, "Where?").path("request").asText();
    stub.next().startStream().sendText("Here");
    var waiting = host.ask(first, "And?").path("request").asText();
    var peer = watched.peer(second, "watching");
    peer.await(
        "the part is there",
        view -> view.result(inWatched).filter(each -> each.text().equals("Here")).isPresent());
    await(
        "the part is stored",
        20,
        () -> host.result(first, request, 0).path("text").asText().equals("Because"));

    first.kill();
    var killedAt = System.nanoTime();
    var next = stub.next();
    var seconds = TimeUnit.NANOSECONDS.toSeconds(System.nanoTime() - killedAt);
    assertTrue(seconds <= TAKEOVER_SECONDS_MAX, "it took " + seconds + " s");
    next.startStream().sendText("And so on").done(1, 1);
    peer.await(
        "the run is shown as interrupted with its text",
        view ->
            view.result(inWatched)
                .filter(each -> each.status() == Status.INTERRUPTED && each.text().equals("Here"))
                .isPresent());
    peer.close();
    var interrupted = host.result(second, request, 30);
    assertEquals("interrupted", interrupted.path("status").asText());
    assertEquals("Because", interrupted.path("text").asText());
    assertEquals("done", host.result(second, waiting, 30).path("status").asText());
    assertEquals(3, stub.calls());
  }

  @Test
  @DisplayName(
      "subscribers on the node that does not decide get the events of a run in their order")
  void eventsReachSubscribersOfBothNodes() throws Exception {
    var host = hostOn(first);
    var byFirst = subscribe(host, first);
    var bySecond = subscribe(host, second);
    var request = host.ask(first, "Why?").path("request").asText();
    var call = stub.next().startStream();
    for (var events : List.of(byFirst, bySecond)) {
      awaitEvent(events, "generation-started", request);
    }
    call.sendText("Because").done(1, 1);
    for (var events : List.of(byFirst, bySecond)) {
      var delta = awaitEvent(events, "generation-delta", request);
      assertEquals("Because", delta.path("text").asText());
      var done = awaitEvent(events, "generation-done", request);
      assertEquals("Ada", done.path("name").asText());
      assertEquals(7, done.path("length").asInt());
    }
  }

  @Test
  @DisplayName(
      "[DU6] a node that gets SIGTERM is unready and moves its clients, its running answer ends in full,"
          + " the waiting request starts on the other node, and the node exits with 0")
  void stoppingNodeHandsItsRoomsOver() throws Exception {
    var host = hostOn(first);
    var peer = host.peer(first, "watching");
    var request = host.ask(first, "Why?").path("request").asText();
    var call = stub.next().startStream().sendText("Because");
    var waiting = host.ask(first, "And?").path("request").asText();
    await(
        "the second node sees the run",
        20,
        () -> host.result(second, request, 0).path("text").asText().equals("Because"));

    first.signalToStop();
    await(
        "the node is not ready",
        20,
        () -> first.send("GET", "/health/ready", "", "", "").statusCode() == 503);
    await("its client is moved", 20, () -> !peer.isConnected());
    var asked = host.ask(second, "More?");
    assertEquals("waiting", asked.path("state").asText());
    assertEquals(2, asked.path("place").asInt());
    call.sendText(" of this.").done(1, 1);
    var result = host.result(second, request, 30);
    assertEquals("done", result.path("status").asText());
    assertEquals("Because of this.", result.path("text").asText());
    stub.next().startStream().sendText("And so on.").done(1, 1);
    assertEquals("done", host.result(second, waiting, 30).path("status").asText());
    stub.next().startStream().sendText("No.").done(1, 1);
    var last = asked.path("request").asText();
    assertEquals("done", host.result(second, last, 30).path("status").asText());
    assertEquals(0, first.awaitExit(30), first.output());
    assertEquals(3, stub.calls());
    peer.close();
  }

  @Test
  @DisplayName("a second signal ends a node at once that waits for a running answer")
  void secondSignalEndsANodeAtOnce() throws Exception {
    var host = hostOn(first);
    var request = host.ask(first, "Why?").path("request").asText();
    stub.next().startStream().sendText("Because");
    first.signalToStop();
    await(
        "the node is not ready",
        20,
        () -> first.send("GET", "/health/ready", "", "", "").statusCode() == 503);
    first.signalToStop();
    assertEquals(1, first.awaitExit(10), first.output());
    assertEquals("interrupted", host.result(second, request, 30).path("status").asText());
    assertEquals(1, stub.calls());
  }

  private BlockingQueue<String> subscribe(Person person, ServerProcess node) throws Exception {
    var lines = new LinkedBlockingQueue<String>();
    var stream =
        node.events("/api/rooms/" + person.slug() + "/events", person.token(), person.key());
    Thread.ofVirtual()
        .start(
            () -> {
              try {
                stream.forEach(lines::add);
              } catch (java.io.UncheckedIOException _) {
                // the server ended
              }
            });
    return lines;
  }

  /** The data of the next event of this name and request; events of other names may come before. */
  private static JsonNode awaitEvent(BlockingQueue<String> lines, String name, String request)
      throws Exception {
    var current = "";
    while (true) {
      var line = lines.poll(30, TimeUnit.SECONDS);
      assertTrue(line != null, "no event " + name);
      if (line.startsWith("event: ")) {
        current = line.substring("event: ".length());
      } else if (line.startsWith("data: ") && current.startsWith("generation-")) {
        var data = JSON.readTree(line.substring("data: ".length()));
        if (current.equals(name) && data.path("request").asText().equals(request)) {
          return data;
        }
        assertTrue(
            !List.of("generation-done", "generation-started").contains(current),
            "the event " + current + " came before " + name);
      }
    }
  }
}
