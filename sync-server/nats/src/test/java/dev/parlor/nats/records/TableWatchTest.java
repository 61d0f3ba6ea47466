package dev.parlor.nats.records;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.parlor.crdt.identity.Bytes;
import dev.parlor.nats.CuttableLine;
import dev.parlor.nats.client.ClusterLimits;
import dev.parlor.nats.client.ClusterSettings;
import dev.parlor.nats.store.NatsChangeStore;
import dev.parlor.nats.store.SharedServer;
import dev.parlor.nats.store.StoreFixture;
import io.nats.client.JetStreamApiException;
import java.io.IOException;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Tests what a node hears of the records that another node writes, on one real server. */
class TableWatchTest {

  @RegisterExtension static final SharedServer shared = new SharedServer();

  private StoreFixture fixture;
  private ClusterSettings settings;
  private NatsChangeStore one;

  /** The keys that the other node heard of, each with the value that it had at that time. */
  private final LinkedBlockingQueue<String> heard = new LinkedBlockingQueue<>();

  @BeforeEach
  void openStores() throws IOException {
    fixture = shared.fixture();
    var usual = StoreFixture.impatient(fixture.settings, 300);
    settings =
        new ClusterSettings(
            usual.servers(),
            usual.credentials(),
            usual.names(),
            usual.limits().with(new ClusterLimits.Upkeep(100, 60_000, 1 << 30, 60_000, 60_000)));
    one = fixture.node();
  }

  private NatsChangeStore watching(String url) throws IOException {
    var store =
        NatsChangeStore.open(
            new ClusterSettings(
                List.of(url), settings.credentials(), settings.names(), settings.limits()),
            new SecureRandom());
    var table = store.table("rooms");
    table.watch(key -> heard.add(key + "=" + table.get(key).map(Bytes::toUtf8).orElse("absent")));
    return store;
  }

  private void put(NatsChangeStore store, String key, String value) throws Exception {
    StoreFixture.await(store.table("rooms").put(key, Bytes.utf8(value)));
  }

  private String next() throws InterruptedException {
    return Optional.ofNullable(heard.poll(20, TimeUnit.SECONDS)).orElse("nothing within 20 s");
  }

  @Test
  @DisplayName("a watcher of a table is called with the key that another node put or removed")
  void watcherHearsOfOtherNodes() throws Exception {
    try (var two = watching(shared.server().url())) {
      put(one, "a", "1");
      assertEquals("a=1", next());
      put(two, "own", "1");
      StoreFixture.await(one.table("another").put("b", Bytes.EMPTY));
      StoreFixture.await(one.table("rooms").remove("a"));
      assertEquals("a=absent", next(), "not of an own write, and not of another table");
      assertEquals(Optional.of(Bytes.utf8("1")), two.table("rooms").get("own"));
    }
  }

  @Test
  @DisplayName("a watcher that fails does not stop the watchers after it")
  void failingWatcher() throws Exception {
    try (var two = watching(shared.server().url())) {
      two.table("rooms")
          .watch(
              _ -> {
                throw new IllegalStateException("as this test wants");
              });
      var later = new LinkedBlockingQueue<String>();
      two.table("rooms").watch(later::add);
      put(one, "a", "1");
      put(one, "b", "1");
      var keys = new HashSet<String>();
      keys.add(Optional.ofNullable(later.poll(20, TimeUnit.SECONDS)).orElse("nothing"));
      keys.add(Optional.ofNullable(later.poll(20, TimeUnit.SECONDS)).orElse("nothing"));
      assertEquals(Set.of("a", "b"), keys);
    }
  }

  @Test
  @DisplayName(
      "after a broken connection a watcher is called with each key that was changed meanwhile")
  void brokenConnection() throws Exception {
    try (var line = new CuttableLine(shared.server().address());
        var two = watching(line.url())) {
      for (var round = 0; round < 3; round++) {
        line.cut();
        var expected = new HashSet<String>();
        for (var i = 0; i < 20; i++) {
          put(one, "key " + i, "round " + round);
          expected.add("key " + i + "=round " + round);
        }
        line.mend();
        assertEquals(expected, nextDifferent(20));
        put(one, "after", "" + round);
        assertEquals("after=" + round, next(), "it is followed again");
      }
      assertTrue(two.table("rooms").get("key 1").isPresent());
    }
  }

  private Set<String> nextDifferent(int count) throws InterruptedException {
    var all = new HashSet<String>();
    for (var i = 0; i < count; i++) {
      all.add(next());
    }
    return all;
  }

  @Test
  @DisplayName(
      "records of other nodes appear although the server lost its consumer or restarted meanwhile")
  void lostConsumer() throws Exception {
    try (var two = watching(shared.server().url())) {
      put(one, "a", "0");
      assertEquals("a=0", next());
      for (var round = 1; round <= 3; round++) {
        deleteConsumers();
        put(one, "a", "" + round);
        assertEquals("a=" + round, next());
      }
      shared.server().kill();
      shared.server().restart();
      put(one, "a", "restarted");
      assertEquals("a=restarted", next());
      assertTrue(two.table("rooms").get("a").isPresent());
    }
  }

  private void deleteConsumers() throws IOException, JetStreamApiException {
    var management = fixture.operator.management();
    var stream = fixture.settings.names().records();
    for (var consumer : new ArrayList<>(management.getConsumerNames(stream))) {
      var _ = management.deleteConsumer(stream, consumer);
    }
  }
}
