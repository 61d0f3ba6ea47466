package dev.parlor.nats.check;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.parlor.nats.NatsClusterProvider;
import dev.parlor.nats.NatsServer;
import dev.parlor.nats.client.ClusterClient;
import dev.parlor.nats.client.ClusterLimits;
import dev.parlor.nats.client.ClusterNames;
import dev.parlor.nats.client.ClusterSettings;
import dev.parlor.nats.client.ClusterStreams;
import dev.parlor.relay.config.ClusterConfig;
import dev.parlor.relay.config.ClusterConfig.Saved;
import dev.parlor.relay.health.Metrics;
import io.nats.client.JetStreamApiException;
import io.nats.client.api.StreamConfiguration;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Starts a node on real servers with and without faults. */
class StartCheckTest {

  private static final AtomicInteger PREFIXES = new AtomicInteger();

  @TempDir private static Path folder;
  private static NatsServer careful;
  private static NatsServer careless;

  private final String prefix = "s" + PREFIXES.incrementAndGet();

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

  private ClusterClient client(NatsServer server) throws IOException {
    return new ClusterClient(
        new ClusterSettings(
            List.of(server.url()),
            Optional.empty(),
            ClusterNames.ofPrefix(prefix),
            ClusterLimits.DEFAULT));
  }

  private void create(NatsServer server, String storageId) throws IOException {
    try (var client = client(server)) {
      var _ = ClusterStreams.create(client, new ClusterStreams.Created(2, 1, storageId));
    }
  }

  private void start(String url, Saved saved, List<URI> monitors) throws IOException {
    var config = new ClusterConfig(List.of(url), Optional.empty(), prefix, saved, monitors);
    new NatsClusterProvider().open(config, 5_000, new Metrics()).close();
  }

  private void assertRefused(String expected, String url, Saved saved, URI... monitors) {
    var refused = assertThrows(IOException.class, () -> start(url, saved, List.of(monitors)));
    assertEquals(expected, String.valueOf(refused.getMessage()));
  }

  @Test
  @DisplayName("a node starts on a cluster that flushes, or if the quorum's memory is enough")
  void usableClusters() throws Exception {
    create(careful, "id");
    start(careful.url(), Saved.DISK, List.of(careful.monitor()));
    start(careful.url(), Saved.QUORUM, List.of());
    create(careless, "id");
    start(careless.url(), Saved.QUORUM, List.of());
  }

  @Test
  @DisplayName("a node that must save on disk refuses a cluster without the proof that it flushes")
  void missingProof() throws Exception {
    create(careful, "id");
    create(careless, "id");
    assertRefused(
        "nothing proves that the cluster flushes changes before it acknowledges them; name the"
            + " monitoring ports of all its servers with --cluster-monitor, or set"
            + " PARLOR_SAVED=quorum if a power failure may lose changes",
        careful.url(),
        Saved.DISK);
    assertRefused(
        "the server at "
            + careless.monitor()
            + " acknowledges changes before it flushes them; set sync_interval: always in its"
            + " jetstream block, or set PARLOR_SAVED=quorum if a power failure may lose changes",
        careless.url(),
        Saved.DISK,
        careless.monitor());
    assertRefused(
        "the monitoring port http://127.0.0.1:1 does not answer, so nothing proves that its server"
            + " flushes changes; correct --cluster-monitor, start the server, or set"
            + " PARLOR_SAVED=quorum",
        careful.url(),
        Saved.DISK,
        URI.create("http://127.0.0.1:1"));
  }

  @Test
  @DisplayName("a node refuses a cluster that was not created, or of which a stream is missing")
  void missingStreams() throws Exception {
    assertRefused(
        "the cluster has no streams of Parlor with the prefix "
            + prefix
            + "; create them with ./parlor cluster init",
        careful.url(),
        Saved.QUORUM);
    create(careful, "id");
    try (var client = client(careful)) {
      var _ = client.management().deleteStream(prefix + "_OBJECTS_1");
    }
    assertRefused(
        "the stream "
            + prefix
            + "_OBJECTS_1 is missing in the cluster; create it with ./parlor cluster init, or"
            + " restore the servers' files if it had content",
        careful.url(),
        Saved.QUORUM);
  }

  @Test
  @DisplayName("a node refuses streams of two installations under one prefix")
  void streamsOfAnotherInstallation() throws Exception {
    create(careful, "old");
    try (var client = client(careful)) {
      var _ = client.management().deleteStream(prefix + "_RECORDS");
    }
    create(careful, "new");
    var refused =
        assertThrows(IOException.class, () -> start(careful.url(), Saved.QUORUM, List.of()));
    var message = String.valueOf(refused.getMessage());
    assertTrue(
        message.contains(
            "belongs to another installation of Parlor (storage id old instead of new); choose"
                + " another prefix with --cluster-prefix"),
        message);
  }

  @Test
  @DisplayName("a node refuses a cluster that takes no writes, and one that is away")
  void fullOrAway() throws Exception {
    create(careful, "id");
    try (var client = client(careful)) {
      refuseWrites(client);
    }
    var refused =
        assertThrows(IOException.class, () -> start(careful.url(), Saved.QUORUM, List.of()));
    var message = String.valueOf(refused.getMessage());
    assertTrue(message.startsWith("the cluster does not take writes ("), message);
    assertTrue(message.endsWith("free space on its servers or raise the limits of its account"));
    var away =
        assertThrows(IOException.class, () -> start("nats://127.0.0.1:1", Saved.QUORUM, List.of()));
    assertTrue(
        String.valueOf(away.getMessage())
            .startsWith("the cluster cannot be reached at nats://127.0.0.1:1: "));
  }

  private void refuseWrites(ClusterClient client) throws IOException, JetStreamApiException {
    var stream = client.management().getStreamInfo(prefix + "_LOG_0");
    var _ =
        client
            .management()
            .updateStream(
                StreamConfiguration.builder(stream.getConfiguration())
                    .maximumMessageSize(1)
                    .build());
  }

  @Test
  @DisplayName("a node without valid credentials is told so")
  void wrongCredentials() throws Exception {
    try (var closed =
        NatsServer.startWith(
            folder.resolve("closed"), "authorization { token: \"secret\" }\n", Map.of())) {
      var refused =
          assertThrows(IOException.class, () -> start(closed.url(), Saved.QUORUM, List.of()));
      var message = String.valueOf(refused.getMessage());
      assertTrue(
          message.startsWith("the cluster at " + closed.url() + " refuses the credentials ("),
          message);
    }
  }
}
