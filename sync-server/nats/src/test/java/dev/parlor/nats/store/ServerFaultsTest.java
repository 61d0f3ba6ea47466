package dev.parlor.nats.store;

import static dev.parlor.nats.store.StoreFixture.A;
import static dev.parlor.nats.store.StoreFixture.B;
import static dev.parlor.nats.store.StoreFixture.await;
import static dev.parlor.nats.store.StoreFixture.changes;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.parlor.crdt.identity.Bytes;
import dev.parlor.crdt.identity.DocumentId;
import dev.parlor.nats.NatsServer;
import dev.parlor.nats.client.ClusterLimits;
import dev.parlor.nats.client.ClusterSettings;
import dev.parlor.relay.storage.ChangeStore.ChangeRecord;
import java.io.IOException;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Kills and pauses a real server while a node writes. */
class ServerFaultsTest {

  @TempDir private Path folder;
  private NatsServer server;
  private StoreFixture fixture;
  private NatsChangeStore store;

  @BeforeEach
  void start() throws IOException {
    server = NatsServer.start(folder);
    fixture = new StoreFixture(StoreFixture.impatient(server.settings(), 300), 1);
    store = fixture.node();
  }

  @AfterEach
  void stop() throws IOException {
    fixture.close();
    server.close();
  }

  @Test
  @DisplayName("[DU1] a server that is killed three times loses no acknowledged change and record")
  void killedServerLosesNothing() throws Exception {
    var documents = new ArrayList<DocumentId>();
    for (var i = 0; i < 4; i++) {
      documents.add(DocumentId.of(Bytes.utf8("document " + i)));
    }
    var running = new AtomicBoolean(true);
    var acknowledgements = new AtomicInteger();
    var writers = new ArrayList<CompletableFuture<List<ChangeRecord>>>();
    for (var document : documents) {
      writers.add(
          CompletableFuture.supplyAsync(
              () -> write(document, running, acknowledgements),
              task -> Thread.ofVirtual().start(task)));
    }
    for (var kill = 0; kill < 3; kill++) {
      var enough = acknowledgements.get() + 40;
      awaitThat(() -> acknowledgements.get() >= enough);
      server.kill();
      server.restart();
    }
    var enough = acknowledgements.get() + 40;
    awaitThat(() -> acknowledgements.get() >= enough);
    running.set(false);
    var fresh = fixture.node();
    for (var i = 0; i < documents.size(); i++) {
      var acknowledged = await(writers.get(i));
      var stored = fresh.load(documents.get(i)).orElseThrow().tail();
      assertEquals(
          acknowledged,
          List.copyOf(new LinkedHashSet<>(stored)),
          "every acknowledged change, in the order of the appends");
      var record = fresh.tableOf(documents.get(i), "counts").get(documents.get(i) + "/last");
      assertEquals(
          Optional.of(Bytes.utf8("" + (acknowledged.size() - 1))),
          record,
          "the last record counts");
    }
  }

  /** Appends one change after the other, each with a record, as long as the test runs. */
  private List<ChangeRecord> write(
      DocumentId document, AtomicBoolean running, AtomicInteger acknowledgements) {
    var acknowledged = new ArrayList<ChangeRecord>();
    try {
      while (running.get()) {
        var number = acknowledged.size();
        var _ = store.tableOf(document, "counts").put(document + "/last", Bytes.utf8("" + number));
        var change = changes(document.hashCode() * 1_000L + number, 1);
        await(store.append(document, change));
        acknowledged.addAll(change);
        acknowledgements.incrementAndGet();
      }
      return acknowledged;
    } catch (Exception e) {
      throw new IllegalStateException(e);
    }
  }

  @Test
  @DisplayName("[DU1] while the server is paused nothing counts as saved; writes go on afterwards")
  void pausedServer() throws Exception {
    await(store.append(A, changes(1, 1)));
    server.pause();
    CompletableFuture<Void> append;
    CompletableFuture<Void> put;
    try {
      append = store.append(A, changes(2, 1));
      put = store.table("rooms").put("k", Bytes.utf8("x"));
      var sent = store.client().connection().getStatistics().getOutMsgs();
      // At most one message in 2 s is a ping; the others repeat the writes.
      awaitThat(() -> store.client().connection().getStatistics().getOutMsgs() >= sent + 6);
      assertFalse(append.isDone());
      assertFalse(put.isDone());
    } finally {
      server.resume();
    }
    await(append);
    await(put);
    await(store.append(A, changes(3, 1)));
    var expected = new ArrayList<>(changes(1, 1));
    expected.addAll(changes(2, 1));
    expected.addAll(changes(3, 1));
    var stored = fixture.node().load(A).orElseThrow().tail();
    assertEquals(expected, List.copyOf(new LinkedHashSet<>(stored)));
    assertTrue(stored.size() > expected.size(), "the unanswered entry was published again");
    assertEquals(Optional.of(Bytes.utf8("x")), fixture.node().table("rooms").get("k"));
  }

  @Test
  @DisplayName("a write to a server that stays away fails, and later writes of its document too")
  void absentServerFailsWrites() throws Exception {
    var limits = fixture.settings.limits();
    var giveUp =
        new ClusterSettings(
            fixture.settings.servers(),
            Optional.empty(),
            fixture.settings.names(),
            new ClusterLimits(
                200,
                600,
                limits.partBytesMax(),
                limits.groupBytesMax(),
                limits.busQueueMessagesMax(),
                limits.incompleteBytesMax(),
                50));
    try (var hasty = NatsChangeStore.open(giveUp, new SecureRandom())) {
      assertEquals(Optional.empty(), hasty.tableOf(A, "t").get(A + "/k"));
      server.kill();
      var put = hasty.tableOf(A, "t").put(A + "/k", Bytes.utf8("1"));
      var append = hasty.append(A, changes(1, 1));
      for (var write : List.of(put, append)) {
        var problem = assertThrows(ExecutionException.class, () -> await(write));
        assertInstanceOf(IOException.class, problem.getCause());
      }
      assertThrows(IOException.class, () -> hasty.load(A));
      server.restart();
      await(hasty.append(B, changes(2, 1)));
      await(hasty.append(A, changes(1, 1)));
      assertEquals(Set.copyOf(changes(1, 1)), new HashSet<>(hasty.load(A).orElseThrow().tail()));
    }
  }

  @Test
  @DisplayName("the records of other nodes arrive again after the server was killed")
  void recordsArriveAfterAKill() throws Exception {
    var other = fixture.node();
    await(store.table("rooms").put("before", Bytes.utf8("1")));
    server.kill();
    server.restart();
    await(store.table("rooms").put("after", Bytes.utf8("2")));
    awaitThat(() -> other.table("rooms").get("after").isPresent());
    assertEquals(Set.of("before", "after"), other.table("rooms").withPrefix("").keySet());
  }

  @Test
  @DisplayName(
      "a cluster that is missing or away is refused with a sentence that says how to mend it")
  void missingCluster() throws Exception {
    var missing =
        assertThrows(
            IOException.class, () -> NatsChangeStore.open(server.settings(), new SecureRandom()));
    assertTrue(
        String.valueOf(missing.getMessage()).endsWith("create them with ./parlor cluster init"));
    fixture.close();
    server.close();
    var away =
        assertThrows(
            IOException.class, () -> NatsChangeStore.open(fixture.settings, new SecureRandom()));
    assertTrue(
        String.valueOf(away.getMessage())
            .startsWith("the cluster cannot be reached at " + server.url()));
    server.restart(); // for the end of the test
  }

  private static void awaitThat(BooleanSupplier condition) {
    var end = System.nanoTime() + TimeUnit.SECONDS.toNanos(30);
    while (!condition.getAsBoolean()) {
      assertTrue(System.nanoTime() - end < 0, "not within 30 s");
      java.util.concurrent.locks.LockSupport.parkNanos(1_000_000);
    }
  }
}
