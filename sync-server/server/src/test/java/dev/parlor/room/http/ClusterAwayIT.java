package dev.parlor.room.http;

import static dev.parlor.room.http.HttpClientForTests.json;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.parlor.client.DocumentHandle;
import dev.parlor.client.Repo;
import dev.parlor.client.SaveState;
import dev.parlor.crdt.identity.DocumentId;
import dev.parlor.crdt.replica.Edit;
import dev.parlor.crdt.replica.Path;
import dev.parlor.crdt.replica.Value;
import dev.parlor.nats.NatsServer;
import dev.parlor.relay.socket.RawClient;
import java.io.IOException;
import java.net.URI;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;

/** A whole server whose real nats-server is killed or paused for longer than a write is tried. */
@Execution(ExecutionMode.CONCURRENT)
class ClusterAwayIT {

  private static final Path N = Path.of("n");
  private static final Duration WAIT_MAX = Duration.ofSeconds(60);

  private static java.nio.file.Path folder;
  private static NatsServer nats;

  @BeforeAll
  static void start(@TempDir java.nio.file.Path temporary) throws Exception {
    folder = temporary;
    nats = NatsServer.start(folder.resolve("nats"));
    nats.init(2, 1);
  }

  @AfterAll
  static void stop() {
    nats.close();
  }

  private static TestServer server(String name) throws Exception {
    return TestServer.start(
        java.nio.file.Files.createDirectories(folder.resolve(name)),
        Map.of("PARLOR_CLUSTER", nats.url(), "PARLOR_CLUSTER_MONITOR", nats.monitor().toString()));
  }

  private static Repo repo(TestServer server) {
    return Repo.builder().server(URI.create("ws://127.0.0.1:" + server.port() + "/sync")).open();
  }

  private static void await(String what, BooleanSupplier condition) {
    var end = System.nanoTime() + WAIT_MAX.toNanos();
    while (!condition.getAsBoolean()) {
      assertTrue(System.nanoTime() - end < 0, what + " within " + WAIT_MAX);
      LockSupport.parkNanos(20_000_000);
    }
  }

  private static Edit put(int number) {
    return new Edit.Put(N, Value.of(number));
  }

  private static void awaitNumber(DocumentHandle handle, int number) {
    await(
        "the document has the number " + number,
        () -> handle.read(N).equals(Optional.of(Value.of(number))));
  }

  private static boolean isReady(TestServer server) {
    return server.http().get("/health/ready").statusCode() == 200;
  }

  private static boolean isWell(TestServer server, String part) {
    var parts = json(server.http().get("/health/ready")).path("parts");
    return parts.path(part).path("well").asBoolean();
  }

  /** Rooms and documents before, during and after the time in which the cluster is away. */
  private static void outage(String name, Away away, Away back) throws Exception {
    DocumentId opened;
    DocumentId closed;
    TestServer.RoomUnderTest room;
    try (var before = server(name + "-before");
        var eve = repo(before)) {
      var eves = eve.create(put(100));
      closed = eves.id();
      room = before.room("not open");
      assertEquals(SaveState.SAVED, eves.awaitSaved(WAIT_MAX));
    }
    try (var server = server(name);
        var ada = repo(server);
        var bob = repo(server)) {
      assertTrue(isReady(server), server.http().get("/health/ready").body());
      assertEquals("disk", json(server.http().get("/api/config")).path("saved").asText());
      assertEquals("disk", json(server.http().get("/api/health")).path("saved").asText());
      assertEquals(
          MetricsIT.CLUSTER_METRICS,
          Scrape.of(server.http()).names().stream()
              .filter(metric -> metric.startsWith("parlor_cluster_"))
              .collect(Collectors.toSet()));
      var adas = ada.create(put(1));
      opened = adas.id();
      assertEquals(SaveState.SAVED, adas.awaitSaved(WAIT_MAX));
      var bobs = bob.find(opened, WAIT_MAX);

      CompletableFuture<DocumentHandle> found;
      away.run();
      try {
        for (var number = 2; number < 20; number++) {
          adas.change(put(number));
          awaitNumber(bobs, number);
          assertFalse(adas.saveState() == SaveState.SAVED, "nothing is called saved");
        }
        await("the cluster counts as away", () -> !isWell(server, "log"));
        assertFalse(isReady(server));
        assertEquals(200, server.http().get("/health/live").statusCode());
        assertRefused(server, room);
        assertEquals(1, Scrape.of(server.http()).value("parlor_cluster_away"));
        assertTrue(Scrape.of(server.http()).value("parlor_cluster_queue_bytes") >= 0);
        // The writes of the open document fail meanwhile and are repeated.
        await("the store refused the changes of the open document", () -> !isWell(server, "relay"));
        found = bob.findAsync(closed);
        adas.change(put(20));
        awaitNumber(bobs, 20);
        // Ada has changes that are not saved, so she hears of Bob's when they are.
        bobs.change(put(21));
        assertEquals(SaveState.PENDING, adas.saveState());
        assertFalse(found.isDone(), "a document that is not open waits for the cluster");
      } finally {
        back.run();
      }
      assertEquals(SaveState.SAVED, adas.awaitSaved(WAIT_MAX));
      assertEquals(SaveState.SAVED, bobs.awaitSaved(WAIT_MAX));
      awaitNumber(adas, 21);
      await("the server is ready again", () -> isReady(server));
      assertEquals(0, Scrape.of(server.http()).value("parlor_cluster_away"));
      assertEquals(1, Scrape.of(server.http()).value("parlor_cluster_nodes"));
      assertTrue(Scrape.of(server.http()).value("parlor_commit_failures_total") > 0);
      assertTrue(Scrape.of(server.http()).value("parlor_commit_seconds_count") > 0);
      assertEquals(201, server.http().post("/api/rooms", "{\"title\":\"after\"}").statusCode());
      assertEquals(
          Optional.of(Value.of(100)),
          found.get(WAIT_MAX.toSeconds(), TimeUnit.SECONDS).read(N),
          "the client's request was kept");
    }
    try (var fresh = server(name + "-fresh");
        var eve = repo(fresh)) {
      assertEquals(Optional.of(Value.of(21)), eve.find(opened, WAIT_MAX).read(N));
    }
  }

  private static void assertRefused(TestServer server, TestServer.RoomUnderTest room)
      throws IOException {
    var creation = server.http().post("/api/rooms", "{\"title\":\"during\"}");
    assertEquals(503, creation.statusCode(), creation.body());
    assertEquals("urn:parlor:problem:storage-away", json(creation).path("type").asText());
    assertEquals(Optional.of("5"), creation.headers().firstValue("Retry-After"));
    var shown = server.http().get(room.path(""), "Parlor-Key", room.key("host"));
    assertEquals(503, shown.statusCode(), shown.body());
    assertTrue(shown.headers().firstValue("Retry-After").isPresent());
    try (var socket =
        RawClient.connect(
            URI.create(
                "ws://127.0.0.1:"
                    + server.port()
                    + "/sync/k/"
                    + room.slug()
                    + "."
                    + room.key("host")))) {
      assertEquals(503, socket.status());
    }
  }

  private interface Away {
    void run() throws Exception;
  }

  @Test
  @Execution(ExecutionMode.SAME_THREAD) // each test breaks the one server of NATS
  @DisplayName(
      "[DU1] while the only nats-server is killed, open documents go on unsaved, others are refused"
          + " with 503; after its restart all changes are saved")
  void killedServer() throws Exception {
    outage("killed", nats::kill, nats::restart);
  }

  @Tag("long")
  @Test
  @Execution(ExecutionMode.SAME_THREAD) // each test breaks the one server of NATS
  @DisplayName(
      "[DU1] while the only nats-server is paused for longer than a write is tried, open documents"
          + " go on unsaved; afterwards all changes are saved")
  void pausedServer() throws Exception {
    outage("paused", nats::pause, nats::resume);
  }
}
