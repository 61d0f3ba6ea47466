package dev.parlor.nats.records;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.parlor.crdt.identity.Bytes;
import dev.parlor.nats.CuttableLine;
import dev.parlor.nats.NatsServer;
import dev.parlor.nats.client.ClusterClient;
import dev.parlor.nats.client.ClusterSettings;
import dev.parlor.nats.client.ClusterStreams;
import dev.parlor.nats.store.StoreFixture;
import dev.parlor.relay.cluster.BriefRecords;
import io.nats.client.api.StreamInfoOptions;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Two nodes share brief records on a real server. */
class NatsBriefRecordsTest {

  private static final Duration MINUTE = Duration.ofMinutes(1);

  @TempDir private Path folder;
  private NatsServer server;
  private ClusterSettings settings;
  private final List<ClusterClient> clients = new ArrayList<>();
  private NatsBriefRecords first;
  private NatsBriefRecords second;

  @BeforeEach
  void start() throws IOException {
    server = NatsServer.start(folder, "2m");
    settings = StoreFixture.impatient(server.settings(), 300);
    var _ =
        ClusterStreams.create(client(settings), new ClusterStreams.Created(1, 1, "the storage"));
    first = node(settings);
    second = node(settings);
  }

  private ClusterClient client(ClusterSettings reached) throws IOException {
    var client = new ClusterClient(reached);
    clients.add(client);
    return client;
  }

  private NatsBriefRecords node(ClusterSettings reached) throws IOException {
    return new NatsBriefRecords(client(reached), new SecureRandom());
  }

  @AfterEach
  void stop() {
    first.close();
    second.close();
    clients.forEach(ClusterClient::close);
    server.close();
  }

  @Test
  @DisplayName("a record that one node put is read by another, and can be replaced")
  void putAndGet() throws Exception {
    assertEquals(Optional.empty(), get(first.get("k")));
    get(first.put("k", text("1"), MINUTE));
    assertEquals(Optional.of(text("1")), get(second.get("k")));
    get(second.put("k", text("2"), MINUTE));
    assertEquals(Optional.of(text("2")), get(first.get("k")));
    get(first.put("empty", Bytes.EMPTY, MINUTE));
    assertEquals(Optional.of(Bytes.EMPTY), get(second.get("empty")));
  }

  @Test
  @DisplayName("of two nodes that put a record once at the same time one succeeds")
  void putOnce() throws Exception {
    for (var i = 0; i < 50; i++) {
      var key = "nonce " + i;
      var one = first.putOnce(key, text("first"), MINUTE);
      var other = second.putOnce(key, text("second"), MINUTE);
      assertTrue(get(one) ^ get(other), key);
      assertEquals(Optional.of(text(get(one) ? "first" : "second")), get(first.get(key)));
    }
  }

  @Test
  @DisplayName("of two nodes that take a record at the same time one gets it; it can be put again")
  void take() throws Exception {
    assertEquals(Optional.empty(), get(first.take("never put")));
    for (var i = 0; i < 50; i++) {
      assertTrue(get(first.putOnce("ticket", text("" + i), MINUTE)));
      var one = first.take("ticket");
      var other = second.take("ticket");
      assertTrue(get(one).isPresent() ^ get(other).isPresent(), "attempt " + i);
      assertEquals(text("" + i), get(one).or(() -> other.join()).orElseThrow());
      assertEquals(Optional.empty(), get(second.get("ticket")));
    }
  }

  @Test
  @DisplayName("a record is gone after its lifetime, and can then be put once again")
  void lifetime() throws Exception {
    assertTrue(get(first.putOnce("k", text("1"), Duration.ofSeconds(1))));
    get(first.put("stays", text("2"), MINUTE));
    assertFalse(get(second.putOnce("k", text("2"), MINUTE)));
    awaitThat(() -> get(second.get("k")).isEmpty());
    assertEquals(Optional.empty(), get(second.take("k")));
    assertTrue(get(second.putOnce("k", text("3"), MINUTE)));
    assertEquals(Optional.of(text("2")), get(second.get("stays")));
  }

  @Test
  @DisplayName("a key appears neither in a subject nor in a message of the stream")
  void noKeys() throws Exception {
    get(first.put("secret-ticket", text("v"), MINUTE));
    var info =
        ClusterStreams.info(
                clients.getFirst(),
                settings.names().brief(),
                StreamInfoOptions.filterSubjects(settings.names().briefSubjects()))
            .orElseThrow();
    var subject = info.getStreamState().getSubjects().getFirst().getName();
    assertTrue(subject.matches(settings.names().subjects() + "\\.k\\.[0-9a-f]{64}"), subject);
    var stored = clients.getFirst().last(settings.names().brief(), subject).orElseThrow();
    assertFalse(
        new String(stored.data().toArray(), StandardCharsets.ISO_8859_1).contains("secret"));
  }

  @Test
  @DisplayName(
      "a node that gets no answer gets a record that it took, or that it put once, when the line is back")
  void lostAnswers() throws Exception {
    try (var line = new CuttableLine(server.address())) {
      var far =
          node(
              new ClusterSettings(
                  List.of(line.url()), Optional.empty(), settings.names(), settings.limits()));
      assertEquals(Optional.empty(), get(far.get("k")));
      line.loseAnswers();
      var put = far.putOnce("k", text("far"), MINUTE);
      awaitThat(() -> get(first.get("k")).isPresent());
      line.cut();
      line.mend();
      assertTrue(get(put));
      assertFalse(get(first.putOnce("k", text("near"), MINUTE)));
      // The far node reads the record before the line is silent.
      assertEquals(Optional.of(text("far")), get(far.take("k")));
      assertEquals(Optional.empty(), get(first.take("k")));
      far.close();
    }
  }

  @Test
  @DisplayName("too long keys, too large values and too long lifetimes are refused")
  void limits() throws Exception {
    get(first.put("k".repeat(512), Bytes.wrap(new byte[256 * 1024]), BriefRecords.LIFETIME_MAX));
    assertThrows(
        IllegalArgumentException.class, () -> first.put("k".repeat(513), Bytes.EMPTY, MINUTE));
    assertThrows(
        IllegalArgumentException.class,
        () -> first.put("k", Bytes.wrap(new byte[256 * 1024 + 1]), MINUTE));
    for (var lifetime : List.of(Duration.ofMillis(999), BriefRecords.LIFETIME_MAX.plusMillis(1))) {
      assertThrows(IllegalArgumentException.class, () -> first.putOnce("k", Bytes.EMPTY, lifetime));
    }
  }

  private static <T> T get(CompletableFuture<T> future) throws Exception {
    return future.get(30, TimeUnit.SECONDS);
  }

  private static Bytes text(String text) {
    return Bytes.utf8(text);
  }

  private static void awaitThat(Callable<Boolean> condition) throws Exception {
    var end = System.nanoTime() + TimeUnit.SECONDS.toNanos(30);
    while (!condition.call()) {
      assertTrue(System.nanoTime() - end < 0, "not within 30 s");
      java.util.concurrent.locks.LockSupport.parkNanos(5_000_000);
    }
  }
}
