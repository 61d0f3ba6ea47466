package dev.parlor.server;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.ObjectMapper;
import dev.parlor.apps.asset.StoredAssets;
import dev.parlor.apps.content.ContentId;
import dev.parlor.apps.record.Keys;
import dev.parlor.apps.record.Transactions;
import dev.parlor.crdt.identity.Bytes;
import dev.parlor.relay.ChildJvm;
import dev.parlor.relay.config.Limits;
import dev.parlor.relay.health.Metrics;
import dev.parlor.relay.storage.MapDbChangeStore;
import dev.parlor.relay.storage.RecordStore;
import dev.parlor.relay.storage.RecordStore.Range;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.UUID;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;

/**
 * The whole server runs as a separate process and is killed while clients deploy apps. The system
 * property {@code dev.parlor.kills} sets another number of kills, {@code dev.parlor.seed} another
 * seed.
 */
@Execution(ExecutionMode.CONCURRENT)
@Tag("long")
class AppsKillIT {
  private static final int KILLS = Integer.getInteger("dev.parlor.kills", 6);
  private static final long SEED = Long.getLong("dev.parlor.seed", 12);
  private static final int CLIENTS = 4;
  private static final int ANSWERS_BEFORE_KILL_MAX = 12;
  private static final long DELAY_NANOS_MAX = TimeUnit.MILLISECONDS.toNanos(30);

  @TempDir private Path data;

  @Test
  @Timeout(value = 5, unit = TimeUnit.MINUTES) // eight starts and 60 deploys take about 15 s
  @DisplayName(
      "after each kill -9 during deploys, every app has its old or its new release, wholly and"
          + " without a gap, and the sweep removes the assets without a release")
  void deploysSurviveKills() throws Exception {
    var random = new Random(SEED);
    var port = freePort();
    var url = URI.create("http://127.0.0.1:" + port);
    var answers = new AtomicInteger();
    var server = startServer(port);
    try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
      var clients = clients(random, url, answers);
      for (var kill = 0; kill < KILLS; kill++) {
        var until = answers.get() + 1 + random.nextInt(ANSWERS_BEFORE_KILL_MAX);
        List<Future<?>> running = new ArrayList<>();
        try (var http = HttpClient.newHttpClient()) {
          clients.forEach(
              client -> running.add(threads.submit(() -> client.deployUntilKilled(http))));
          while (answers.get() < until) {
            assertTrue(running.stream().noneMatch(Future::isDone), "a client ended early");
            Thread.onSpinWait();
            LockSupport.parkNanos(100_000);
          }
          LockSupport.parkNanos(random.nextLong(DELAY_NANOS_MAX)); // the random point of the kill
          server.destroyForcibly();
          assertTrue(server.waitFor(20, TimeUnit.SECONDS));
          for (var client : running) {
            client.get(20, TimeUnit.SECONDS);
          }
        }
        server = startServer(port);
        assertStored(clients, false);
      }
      server.destroyForcibly();
      assertTrue(server.waitFor(20, TimeUnit.SECONDS));
      sweep();
      server = startServer(port);
      assertStored(clients, true);
    } finally {
      server.destroyForcibly();
    }
  }

  private static List<DeployingClient> clients(Random random, URI url, AtomicInteger answers)
      throws Exception {
    String token;
    try (var http = HttpClient.newHttpClient()) {
      var request =
          HttpRequest.newBuilder(url.resolve("/api/identities"))
              .header("Content-Type", "application/json")
              .POST(BodyPublishers.ofString("{\"name\":\"Ada\"}"))
              .build();
      var response = http.send(request, BodyHandlers.ofString());
      assertEquals(201, response.statusCode(), response.body());
      token = new ObjectMapper().readTree(response.body()).path("token").textValue();
    }
    var clients = new ArrayList<DeployingClient>();
    for (var i = 0; i < CLIENTS; i++) {
      clients.add(
          new DeployingClient("app-" + i, new Random(random.nextLong()), url, token, answers));
    }
    return clients;
  }

  private static void assertStored(List<DeployingClient> clients, boolean all) throws IOException {
    try (var http = HttpClient.newHttpClient()) {
      for (var client : clients) {
        client.assertStored(http, all);
      }
    }
  }

  /** Sweeps the killed server's data two days later, with one more asset that has no release. */
  private void sweep() throws Exception {
    try (var store =
        MapDbChangeStore.open(data, Limits.defaults().storage(), new Metrics(), UUID::randomUUID)) {
      var records = store.recordStore();
      var transactions = new Transactions(records);
      new StoredAssets(records, transactions, Instant::now)
          .put(Bytes.utf8("an asset whose deploy was killed before its release"))
          .get(20, TimeUnit.SECONDS);
      var orphans = orphans(records);
      var later = Instant.now().plus(Duration.ofDays(2));
      var swept = new StoredAssets(records, transactions, () -> later).sweep();
      assertTrue(orphans.size() > 0);
      assertEquals(orphans.size(), swept, "removed assets");
      assertEquals(List.of(), orphans(records));
    }
  }

  /** The assets that no release uses. */
  private static List<ContentId> orphans(RecordStore records) throws Exception {
    var orphans = new ArrayList<ContentId>();
    var all = new Range("asset-times", "", String.valueOf(Character.MAX_VALUE), 100_000, false);
    for (var asset : records.range(all).get(20, TimeUnit.SECONDS)) {
      var owners = Range.ofPrefix("asset-owners", Keys.prefix(asset.key()), 1);
      if (records.range(owners).get(20, TimeUnit.SECONDS).isEmpty()) {
        orphans.add(new ContentId(asset.key()));
      }
    }
    return orphans;
  }

  private Process startServer(int port) throws IOException {
    var command = ChildJvm.shortLivedCommand();
    command.addAll(List.of(Main.class.getName(), "serve", "--port", Integer.toString(port)));
    command.addAll(List.of("--data", data.toString(), "--releases-max", "5000"));
    command.addAll(List.of("--log", "error"));
    var builder = new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.INHERIT);
    builder.environment().keySet().removeIf(name -> name.startsWith("PARLOR_"));
    var server = builder.start();
    var line = server.inputReader(StandardCharsets.UTF_8).readLine();
    assertNotNull(line, "the server ended before it was open");
    assertTrue(line.startsWith("Parlor is open at"), line);
    return server;
  }

  private static int freePort() throws IOException {
    try (var socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      return socket.getLocalPort();
    }
  }
}
