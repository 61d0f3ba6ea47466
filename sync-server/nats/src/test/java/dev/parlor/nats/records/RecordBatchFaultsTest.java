package dev.parlor.nats.records;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.parlor.crdt.identity.Bytes;
import dev.parlor.nats.CuttableLine;
import dev.parlor.nats.NatsServer;
import dev.parlor.nats.client.ClusterClient;
import dev.parlor.nats.client.ClusterSettings;
import dev.parlor.nats.client.ClusterStreams;
import dev.parlor.nats.store.StoreFixture;
import dev.parlor.relay.storage.RecordBatch;
import dev.parlor.relay.storage.RecordStore.Outcome;
import dev.parlor.relay.storage.RecordStore.Range;
import dev.parlor.relay.storage.RecordStore.RecordKey;
import dev.parlor.relay.storage.RecordStore.VersionedValue;
import java.io.IOException;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Cuts the line between a node and a real server while the node stores batches of records. */
class RecordBatchFaultsTest {

  private static final RecordKey COUNTER = new RecordKey("counters", "a");
  private static final int LARGE_BYTES = 1_300_000;

  @TempDir private Path folder;
  private NatsServer server;
  private ClusterSettings settings;
  private final List<NatsRecordStore> stores = new ArrayList<>();
  private final List<ClusterClient> clients = new ArrayList<>();
  private NatsRecordStore store;

  @BeforeEach
  void start() throws IOException {
    server = NatsServer.start(folder, "2m");
    settings = StoreFixture.impatient(server.settings(), 300);
    var operator = new ClusterClient(settings);
    clients.add(operator);
    var _ = ClusterStreams.create(operator, new ClusterStreams.Created(1, 1, "the storage"));
    store = node(settings);
  }

  private NatsRecordStore node(ClusterSettings reached) throws IOException {
    var client = new ClusterClient(reached);
    clients.add(client);
    var opened = new NatsRecordStore(client, new SecureRandom(), InstantSource.system());
    stores.add(opened);
    return opened;
  }

  @AfterEach
  void stop() {
    stores.forEach(NatsRecordStore::close);
    clients.forEach(ClusterClient::close);
    server.close();
  }

  @Test
  @DisplayName(
      "a batch whose answer is lost counts as committed and is not stored again, even if another node has replaced its record")
  void lostAnswers() throws Exception {
    try (var line = new CuttableLine(server.address())) {
      var far = node(throughLine(line));
      for (var round = 0; round < 5; round++) {
        var isReplaced = round % 2 == 0;
        var entry = new RecordKey("entries", "" + round);
        var mine = text("far " + round);
        var read = get(far.read(COUNTER));
        line.loseAnswers();
        var batch =
            RecordBatch.of("o").expect(COUNTER, read).put(COUNTER, mine).put(entry, mine).build();
        var commit = far.commit(batch);
        awaitThat(() -> get(store.read(entry)).isPresent());
        var theirs = text("near");
        if (isReplaced) {
          get(store.commit(RecordBatch.of("o").put(COUNTER, theirs).remove(entry).build()));
        }
        line.cut();
        line.mend();
        assertEquals(new Outcome.Committed(), get(commit));
        for (var node : List.of(far, store)) {
          assertEquals(
              Optional.of(isReplaced ? theirs : mine),
              get(node.read(COUNTER)).map(VersionedValue::value));
          assertEquals(!isReplaced, get(node.read(entry)).isPresent());
        }
      }
    }
  }

  @Test
  @DisplayName(
      "a batch that was not sent when the line broke is stored once, or conflicts if another node was faster")
  void unsentBatches() throws Exception {
    try (var line = new CuttableLine(server.address())) {
      var far = node(throughLine(line));
      for (var round = 0; round < 4; round++) {
        var isLate = round % 2 == 0;
        var entry = new RecordKey("entries", "" + round);
        var read = get(far.read(COUNTER));
        line.cut();
        var batch =
            RecordBatch.of("o")
                .expect(COUNTER, read)
                .put(COUNTER, text("far " + round))
                .put(entry, text("x"))
                .build();
        var commit = far.commit(batch);
        if (isLate) {
          get(store.commit(RecordBatch.of("o").put(COUNTER, text("near " + round)).build()));
        }
        line.mend();
        assertEquals(isLate ? new Outcome.Conflict(COUNTER) : new Outcome.Committed(), get(commit));
        assertEquals(!isLate, get(store.read(entry)).isPresent());
      }
    }
  }

  @Test
  @DisplayName("while the line breaks again and again, a node counts up and loses no number")
  void brokenLine() throws Exception {
    try (var line = new CuttableLine(server.address())) {
      var far = node(throughLine(line));
      for (var number = 1; number <= 12; number++) {
        var expected = number;
        var read = get(far.read(COUNTER));
        var commit =
            far.commit(
                RecordBatch.of("o")
                    .expect(COUNTER, read)
                    .put(COUNTER, text("" + number))
                    .put(new RecordKey("entries", "" + number), random(number))
                    .build());
        // The cut comes at another moment each time: while parts are sent, or at the commit.
        java.util.concurrent.locks.LockSupport.parkNanos(number * 1_000_000L);
        line.cut();
        line.mend();
        assertEquals(new Outcome.Committed(), get(commit), "number " + expected);
        assertEquals(
            Optional.of(text("" + expected)), get(store.read(COUNTER)).map(VersionedValue::value));
      }
      assertEquals(12, get(store.range(Range.ofPrefix("entries", "", 1_000))).size());
    }
  }

  private ClusterSettings throughLine(CuttableLine line) {
    return new ClusterSettings(
        List.of(line.url()), Optional.empty(), settings.names(), settings.limits());
  }

  private static <T> T get(CompletableFuture<T> future) throws Exception {
    return future.get(30, TimeUnit.SECONDS);
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
