package dev.parlor.nats.records;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.parlor.crdt.identity.Bytes;
import dev.parlor.nats.NatsServer;
import dev.parlor.nats.client.ClusterClient;
import dev.parlor.nats.client.ClusterLimits;
import dev.parlor.nats.client.ClusterSettings;
import dev.parlor.nats.client.ClusterStreams;
import dev.parlor.relay.storage.RecordBatch;
import dev.parlor.relay.storage.RecordStore;
import dev.parlor.relay.storage.RecordStore.Entry;
import dev.parlor.relay.storage.RecordStore.Outcome;
import dev.parlor.relay.storage.RecordStore.Range;
import dev.parlor.relay.storage.RecordStore.RecordKey;
import dev.parlor.relay.storage.RecordStore.VersionedValue;
import dev.parlor.relay.storage.RecordStoreContract;
import io.nats.client.JetStreamApiException;
import io.nats.client.api.StreamConfiguration;
import java.io.IOException;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Runs {@link RecordStoreContract} on a real server, and lets two nodes write at once. */
class NatsRecordStoreTest extends RecordStoreContract {

  private static final RecordKey COUNTER = new RecordKey("counters", "a");
  private static final int LARGE_BYTES = 1_300_000;

  @TempDir private static Path folder;
  private static NatsServer server;

  private ClusterSettings settings = ClusterSettings.of(List.of("nats://127.0.0.1"));
  private @Nullable ClusterClient operator;
  private final List<Node> nodes = new ArrayList<>();

  /** The record store of a node with its own connection. */
  private record Node(ClusterClient client, NatsRecordStore store) {}

  @BeforeAll
  static void startServer() throws IOException {
    // A killed process loses nothing that it gave to the system; only a power failure would.
    server = NatsServer.start(folder, "2m");
  }

  @AfterAll
  static void stopServer() {
    server.close();
  }

  @Override
  protected RecordStore open() throws IOException {
    settings = withLimits(server.settings(), 1_000, 3_000);
    var client = new ClusterClient(settings);
    operator = client;
    var _ = ClusterStreams.create(client, new ClusterStreams.Created(1, 1, "id of the storage"));
    return node(settings);
  }

  private NatsRecordStore node(ClusterSettings reached) throws IOException {
    return node(reached, InstantSource.system());
  }

  private NatsRecordStore node(ClusterSettings reached, InstantSource clock) throws IOException {
    var client = new ClusterClient(reached);
    var store = new NatsRecordStore(client, new SecureRandom(), clock);
    nodes.add(new Node(client, store));
    return store;
  }

  private static ClusterSettings withLimits(ClusterSettings usual, int request, int append) {
    var limits = usual.limits();
    return new ClusterSettings(
        usual.servers(),
        usual.credentials(),
        usual.names(),
        new ClusterLimits(
            request,
            append,
            limits.partBytesMax(),
            limits.groupBytesMax(),
            limits.busQueueMessagesMax(),
            limits.incompleteBytesMax(),
            50));
  }

  @Override
  protected void close() throws IOException {
    for (var node : nodes) {
      node.store.close();
      node.client.close();
    }
    nodes.clear();
    var client = Objects.requireNonNull(operator);
    try {
      for (var stream : client.management().getStreamNames()) {
        var _ = client.management().deleteStream(stream);
      }
    } catch (JetStreamApiException e) {
      throw new IOException(e);
    }
    client.close();
  }

  /** The server refuses every write, as it does when its disk is full. */
  @Override
  protected void refuse(boolean now) throws IOException {
    var management = Objects.requireNonNull(operator).management();
    try {
      for (var stream : management.getStreams()) {
        var _ =
            management.updateStream(
                StreamConfiguration.builder(stream.getConfiguration())
                    .maximumMessageSize(now ? 1 : -1)
                    .build());
      }
    } catch (JetStreamApiException e) {
      throw new IOException(e);
    }
  }

  @Test
  @DisplayName(
      "of two nodes that put the value that both have read one succeeds, and the other conflicts with its key")
  void oneOfTwoNodes() throws Exception {
    var other = node(settings);
    for (var round = 0; round < 30; round++) {
      var first = get(store.read(COUNTER));
      var second = get(other.read(COUNTER));
      assertEquals(first, second, "both nodes read the last committed value");
      var mine = text("mine " + round);
      var theirs = text("theirs " + round);
      var extra = new RecordKey("entries", "e" + round);
      var outcomes =
          together(
              () -> commit(store, first, mine, extra, text("mine")),
              () -> commit(other, second, theirs, extra, text("theirs")));
      var won = outcomes.indexOf(new Outcome.Committed());
      assertTrue(won >= 0, "one succeeds: " + outcomes);
      assertEquals(new Outcome.Conflict(COUNTER), outcomes.get(1 - won));
      for (var node : List.of(store, other)) {
        assertEquals(
            Optional.of(won == 0 ? mine : theirs),
            get(node.read(COUNTER)).map(VersionedValue::value));
        assertEquals(
            Optional.of(text(won == 0 ? "mine" : "theirs")),
            get(node.read(extra)).map(VersionedValue::value));
      }
    }
  }

  private static Outcome commit(
      RecordStore node,
      Optional<VersionedValue> read,
      Bytes value,
      RecordKey extra,
      Bytes extraValue)
      throws Exception {
    return get(
        node.commit(
            RecordBatch.of("owner")
                .expect(COUNTER, read)
                .put(COUNTER, value)
                .put(extra, extraValue)
                .build()));
  }

  private static <T> List<T> together(Callable<T> first, Callable<T> second) throws Exception {
    var start = new CyclicBarrier(2);
    try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
      var tasks = new ArrayList<Future<T>>();
      for (var task : List.of(first, second)) {
        tasks.add(
            threads.submit(
                () -> {
                  var _ = start.await();
                  return task.call();
                }));
      }
      return List.of(
          tasks.get(0).get(60, TimeUnit.SECONDS), tasks.get(1).get(60, TimeUnit.SECONDS));
    }
  }

  @Test
  @DisplayName(
      "of two nodes that each expect the record that the other one puts, at most one succeeds")
  void expectedWithoutPut() throws Exception {
    var other = node(settings);
    for (var round = 0; round < 30; round++) {
      var a = new RecordKey("t", "a" + round);
      var b = new RecordKey("t", "b" + round);
      var outcomes =
          together(
              () -> get(store.commit(expecting(a, b))), () -> get(other.commit(expecting(b, a))));
      var committed = outcomes.stream().filter(Outcome.Committed.class::isInstance).count();
      assertEquals(1, committed, outcomes.toString());
      assertEquals(
          get(store.read(a)).isPresent(), !get(store.read(b)).isPresent(), "one record is there");
    }
  }

  /** Puts a record if the other one does not exist. */
  private static RecordBatch expecting(RecordKey put, RecordKey absent) {
    return RecordBatch.of("owner " + put.key())
        .expect(absent, Optional.empty())
        .put(put, text("x"))
        .build();
  }

  @Test
  @DisplayName("two nodes that count up with expectations and retries lose no number")
  void twoNodesCount() throws Exception {
    var other = node(settings);
    var each = 60;
    var _ = together(() -> countUp(store, each), () -> countUp(other, each));
    for (var node : List.of(store, other)) {
      assertEquals(
          Optional.of(text("" + 2 * each)), get(node.read(COUNTER)).map(VersionedValue::value));
      assertEquals(2 * each, get(node.range(Range.ofPrefix("entries", "", 1_000))).size());
    }
  }

  private static boolean countUp(RecordStore node, int times) throws Exception {
    for (var i = 0; i < times; ) {
      var read = get(node.read(COUNTER));
      var next = read.map(found -> Integer.parseInt(found.value().toUtf8())).orElse(0) + 1;
      var outcome =
          commit(
              node,
              read,
              text("" + next),
              new RecordKey("entries", String.format("%05d", next)),
              text("x"));
      i += outcome instanceof Outcome.Committed ? 1 : 0;
    }
    return true;
  }

  @Test
  @DisplayName(
      "a node that lists records while another node moves them between two tables sees each of them once")
  void noHalfBatches() throws Exception {
    var other = node(settings);
    get(other.commit(RecordBatch.of("o").put(new RecordKey("t", "left"), text("0")).build()));
    var running = new AtomicBoolean(true);
    try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
      var writing =
          threads.submit(
              () -> {
                for (var i = 1; running.get(); i++) {
                  var from = i % 2 == 1 ? "left" : "right";
                  var to = i % 2 == 1 ? "right" : "left";
                  get(
                      other.commit(
                          RecordBatch.of("o")
                              .remove(new RecordKey("t", from))
                              .put(new RecordKey("t", to), text("" + i))
                              .build()));
                }
                return true;
              });
      var last = -1;
      for (var i = 0; i < 300; i++) {
        var entries = get(store.range(Range.ofPrefix("t", "", 10)));
        assertEquals(1, entries.size(), entries.toString());
        var number = Integer.parseInt(entries.getFirst().value().toUtf8());
        assertTrue(number >= last, "never an earlier state");
        last = number;
      }
      running.set(false);
      assertTrue(writing.get(60, TimeUnit.SECONDS));
      assertTrue(last > 3, "the records moved " + last + " times");
    }
  }

  @Test
  @DisplayName(
      "a value of 1.3 MB is stored with its batch, every node reads it, and its parts go when it is replaced")
  void largeValues() throws Exception {
    var other = node(settings);
    var key = new RecordKey("assets", "image");
    var first = random(1);
    assertInstanceOf(
        Outcome.Committed.class,
        get(
            store.commit(
                RecordBatch.of("o").put(key, first).put(COUNTER, text("with it")).build())));
    assertEquals(Optional.of(first), get(other.read(key)).map(VersionedValue::value));
    assertEquals(get(store.read(key)), get(other.read(key)), "equal versions");
    assertEquals(
        List.of(new Entry("image", first)), get(other.range(Range.ofPrefix("assets", "", 9))));
    var second = random(2);
    get(
        other.commit(
            RecordBatch.of("o").expect(key, get(other.read(key))).put(key, second).build()));
    assertEquals(Optional.of(second), get(store.read(key)).map(VersionedValue::value));
    get(store.commit(RecordBatch.of("o").remove(key).build()));
    assertEquals(Optional.empty(), get(other.read(key)));
    awaitThat(() -> objects() == 0);
  }

  @Test
  @DisplayName("the parts of a large value whose batch conflicts are deleted")
  void largeValueOfAConflict() throws Exception {
    var other = node(settings);
    var read = get(store.read(COUNTER));
    get(other.commit(RecordBatch.of("o").put(COUNTER, text("1")).build()));
    var batch =
        RecordBatch.of("o")
            .expect(COUNTER, read)
            .put(COUNTER, text("2"))
            .put(new RecordKey("assets", "image"), random(1))
            .build();
    assertEquals(new Outcome.Conflict(COUNTER), get(store.commit(batch)));
    awaitThat(() -> objects() == 0);
  }

  @Test
  @DisplayName("a sweep deletes a large value without a record after a day, and no other value")
  void sweep() throws Exception {
    var key = new RecordKey("assets", "image");
    get(store.commit(RecordBatch.of("o").put(key, random(1)).build()));
    var client = nodes.getFirst().client;
    // As a node leaves it that crashes before its batch.
    var _ =
        new LargeValues(client, new SecureRandom()).write(random(2), Instant.now().toEpochMilli());
    assertEquals(0, nodes.getFirst().store.sweep().sweep(), "it may belong to a batch on its way");
    assertEquals(2, objects());
    var later =
        new NatsRecordStore(
            client,
            new SecureRandom(),
            InstantSource.fixed(Instant.now().plus(Duration.ofHours(25))));
    awaitThat(() -> objects() == 1);
    assertEquals(Optional.of(random(1)), get(later.read(key)).map(VersionedValue::value));
    later.close();
  }

  private int objects() throws IOException {
    return new LargeValues(Objects.requireNonNull(operator), new SecureRandom()).names().size();
  }

  @Test
  @DisplayName(
      "a new node reads the records of 500 batches, and records that were removed are not there")
  void newNode() throws Exception {
    var commits = new ArrayList<CompletableFuture<Outcome>>();
    for (var i = 0; i < 500; i++) {
      commits.add(
          store.commit(
              RecordBatch.of("o" + i % 7)
                  .put(new RecordKey("t", String.format("%03d", i % 300)), text("" + i))
                  .remove(new RecordKey("t", String.format("%03d", (i + 150) % 300)))
                  .build()));
    }
    for (var commit : commits) {
      assertEquals(new Outcome.Committed(), get(commit));
    }
    var here = get(store.range(Range.ofPrefix("t", "", 1_000)));
    assertEquals(150, here.size());
    assertEquals(here, get(node(settings).range(Range.ofPrefix("t", "", 1_000))));
    // After a day a node reads everything again.
    var later = InstantSource.fixed(Instant.now().plus(Duration.ofDays(2)));
    assertEquals(here, get(node(settings, later).range(Range.ofPrefix("t", "", 1_000))));
  }

  @Test
  @DisplayName("a batch of too many records is refused and changes nothing")
  void tooManyRecords() throws Exception {
    var batch = RecordBatch.of("o");
    for (var i = 0; i < 999; i++) {
      batch.put(new RecordKey("t", "" + i), text("x"));
    }
    assertEquals(new Outcome.Committed(), get(store.commit(batch.build())));
    batch.put(new RecordKey("t", "one more"), text("x"));
    assertTrue(store.commit(batch.build()).isCompletedExceptionally());
    assertEquals(999, get(store.range(Range.ofPrefix("t", "", 2_000))).size());
  }

  private static Bytes random(long seed) {
    var bytes = new byte[LARGE_BYTES];
    new Random(seed).nextBytes(bytes);
    return Bytes.wrap(bytes);
  }

  private static Bytes text(String text) {
    return Bytes.utf8(text);
  }

  private static void awaitThat(Callable<Boolean> condition) throws Exception {
    var end = System.nanoTime() + TimeUnit.SECONDS.toNanos(30);
    while (!condition.call()) {
      assertTrue(System.nanoTime() - end < 0, "not within 30 s");
      java.util.concurrent.locks.LockSupport.parkNanos(1_000_000);
    }
  }
}
