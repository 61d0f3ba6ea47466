package dev.parlor.nats.command;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.parlor.nats.NatsServer;
import dev.parlor.nats.check.ClusterCheck;
import dev.parlor.nats.client.ClusterClient;
import dev.parlor.nats.client.ClusterStreams;
import dev.parlor.nats.store.StoreFixture;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Runs {@code ./parlor cluster} against real servers: a careful one and a careless one. */
class ClusterCommandsTest {

  @TempDir private static Path folder;
  private static NatsServer careful;
  private static NatsServer careless;

  @BeforeAll
  static void startServers() throws IOException {
    careful = NatsServer.start(folder.resolve("careful"), "always");
    careless = NatsServer.start(folder.resolve("careless"), "2m");
  }

  @AfterAll
  static void stopServers() {
    careful.close();
    careless.close();
  }

  private record Run(int status, String out, String err) {}

  private static Run run(String... arguments) {
    var out = new ByteArrayOutputStream();
    var err = new ByteArrayOutputStream();
    var status =
        Main.run(
            List.of(arguments),
            Map.of(),
            new PrintStream(out, true, StandardCharsets.UTF_8),
            new PrintStream(err, true, StandardCharsets.UTF_8));
    return new Run(
        status, out.toString(StandardCharsets.UTF_8), err.toString(StandardCharsets.UTF_8));
  }

  @Test
  @DisplayName("init creates a cluster once, and check finds it in order with all its properties")
  void initAndCheck() {
    var missing = run("check", "--cluster", careful.url(), "--prefix", "first");
    assertEquals(2, missing.status);
    assertEquals(
        "parlor: the cluster has no streams of Parlor with the prefix first; create them with"
            + " ./parlor cluster init\n",
        missing.err);
    var init =
        run(
            "init",
            "--cluster",
            careful.url(),
            "--prefix",
            "first",
            "--shards",
            "2",
            "--replicas",
            "1");
    assertEquals(new Run(0, "the cluster is ready: 2 shards with 1 replicas\n", ""), init);
    var again =
        run(
            "init",
            "--cluster",
            careful.url(),
            "--prefix",
            "first",
            "--shards",
            "2",
            "--replicas",
            "1");
    assertEquals(init, again);
    var other =
        run(
            "init",
            "--cluster",
            careful.url(),
            "--prefix",
            "first",
            "--shards",
            "3",
            "--replicas",
            "1");
    assertEquals(2, other.status);
    assertEquals(
        "parlor: the cluster exists with 2 shards and 1 replicas, which cannot be changed; give the"
            + " same numbers or another prefix\n",
        other.err);
    var check =
        run(
            "check",
            "--cluster",
            careful.url(),
            "--prefix",
            "first",
            "--replicas",
            "1",
            "--monitor",
            careful.monitor().toString());
    assertEquals("", check.err);
    assertEquals(0, check.status);
    assertTrue(check.out.contains("flushes before each acknowledgement"), check.out);
    assertTrue(check.out.contains("2 shards with 1 replicas"), check.out);
    assertTrue(check.out.contains("an acknowledgement takes"), check.out);
  }

  @Test
  @DisplayName(
      "check names each fault in one sentence: no flush before the acknowledgement, too few replicas")
  void faultsAreNamed() {
    var init = run("init", "--cluster", careless.url(), "--shards", "1", "--replicas", "1");
    assertEquals(0, init.status, init.err);
    var check =
        run("check", "--cluster", careless.url(), "--monitor", careless.monitor().toString());
    assertEquals(2, check.status);
    assertTrue(
        check.err.contains(
            "parlor: "
                + careless.monitor()
                + " acknowledges before it flushes to the disk; set"
                + " sync_interval: always in its jetstream block\n"),
        check.err);
    assertTrue(
        check.err.contains(
            "parlor: the stream PARLOR_LOG_0 has 1 of 3 replicas; set them with nats stream edit,"
                + " or give --replicas 1 if the loss of a server may lose data\n"),
        check.err);
    assertEquals(10, check.err.lines().count(), "one line a fault: the flush and nine streams");
  }

  @Test
  @DisplayName(
      "of several processes that create one cluster at once the first decides its storage id")
  void concurrentInit() throws Exception {
    var settings = careful.settings();
    var created =
        java.util.stream.IntStream.range(0, 4)
            .mapToObj(
                number ->
                    java.util.concurrent.CompletableFuture.supplyAsync(
                        () -> {
                          try (var client = new ClusterClient(settings)) {
                            var wanted = new ClusterStreams.Created(2, 1, "storage " + number);
                            return ClusterStreams.create(client, wanted).storageId();
                          } catch (IOException e) {
                            throw new java.io.UncheckedIOException(e);
                          }
                        },
                        task -> Thread.ofVirtual().start(task)))
            .toList();
    var ids = new java.util.HashSet<String>();
    for (var id : created) {
      ids.add(StoreFixture.await(id));
    }
    assertEquals(1, ids.size(), ids.toString());
  }

  @Test
  @DisplayName("a server that is alone refuses three replicas, and init says what to do")
  void serverAloneHasNoReplicas() {
    var init = run("init", "--cluster", careful.url(), "--prefix", "third");
    assertEquals(
        new Run(
            2,
            "",
            "parlor: the server is alone and cannot keep 3 replicas; start the servers as a cluster"
                + " or give --replicas 1\n"),
        init);
  }

  @Test
  @DisplayName("servers and monitoring ports that are away are named with their addresses")
  void awayIsNamed() {
    var check = run("check", "--cluster", "nats://127.0.0.1:1", "--monitor", "http://127.0.0.1:1");
    assertEquals(2, check.status);
    assertTrue(check.err.contains("parlor: the cluster cannot be reached at nats://127.0.0.1:1"));
    assertTrue(
        check.err.contains("parlor: the monitoring port http://127.0.0.1:1 does not answer"));
  }

  @Test
  @DisplayName("wrong options are refused with the option and what to give")
  void wrongOptions() {
    for (var wrong :
        List.of(
            List.of("init"),
            List.of("init", "--cluster"),
            List.of("init", "--cluster", "http://a:1"),
            List.of("init", "--cluster", "nats://a:1", "--shards", "0"),
            List.of("init", "--cluster", "nats://a:1", "--shards", "many"),
            List.of("init", "--cluster", "nats://a:1", "--replicas", "6"),
            List.of("check", "--cluster", "nats://a:1", "--monitor", "nats://a:1"),
            List.of("check", "--cluster", "nats://a:1", "--creds", "/no/such/file"),
            List.of("check", "--cluster", "nats://a:1", "--prefix", "a.b"),
            List.of("check", "--cluster", "nats://a:1", "--other", "x"),
            List.of("export", "--cluster", "nats://a:1"))) {
      var run = run(wrong.toArray(String[]::new));
      assertEquals(2, run.status, wrong.toString());
      assertEquals(1, run.err.lines().count(), run.err);
      assertTrue(run.err.startsWith("parlor: "), run.err);
    }
    assertEquals(0, run("--help").status);
  }

  @Test
  @DisplayName("versions before 2.12 are too old")
  void versions() {
    for (var old : List.of("2.9.10", "2.11.99", "1.4.1", "", "devel")) {
      assertFalse(ClusterCheck.isNewEnough(old), old);
    }
    for (var recent : List.of("2.12.0", "2.15.1", "2.12.0-RC.1", "3.0.0")) {
      assertTrue(ClusterCheck.isNewEnough(recent), recent);
    }
  }
}
