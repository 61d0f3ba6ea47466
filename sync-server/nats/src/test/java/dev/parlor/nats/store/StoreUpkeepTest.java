package dev.parlor.nats.store;

import static dev.parlor.nats.store.StoreFixture.A;
import static dev.parlor.nats.store.StoreFixture.B;
import static dev.parlor.nats.store.StoreFixture.await;
import static dev.parlor.nats.store.StoreFixture.changes;
import static dev.parlor.nats.store.StoreFixture.hashes;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.parlor.crdt.identity.Bytes;
import dev.parlor.crdt.identity.DocumentId;
import dev.parlor.nats.client.ClusterException;
import dev.parlor.nats.client.ClusterException.Kind;
import dev.parlor.nats.client.ClusterLimits;
import dev.parlor.nats.client.ClusterNames;
import dev.parlor.nats.client.ClusterStreams;
import dev.parlor.relay.health.Metrics;
import dev.parlor.relay.storage.CorruptDocumentException;
import java.io.IOException;
import java.security.SecureRandom;
import java.util.HashSet;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Tests the work that nodes repeat on the streams of a cluster, on one real server. */
class StoreUpkeepTest {

  private static final int HOUR = 3_600_000;

  @RegisterExtension static final SharedServer shared = new SharedServer();

  private StoreFixture fixture;
  private NatsChangeStore one;
  private NatsChangeStore two;

  @BeforeEach
  void openStores() throws IOException {
    fixture = shared.fixture();
    one = fixture.node();
    two = fixture.node();
  }

  private long logBytes() throws IOException {
    return ClusterStreams.info(fixture.operator, fixture.logStream(A))
        .orElseThrow()
        .getStreamState()
        .getByteCount();
  }

  private String objectStream(DocumentId document) {
    return fixture.settings.names().objects(ClusterNames.shardOf(document, 2));
  }

  private boolean hasObject(DocumentId document, String name) throws IOException {
    return fixture
        .operator
        .last(objectStream(document), fixture.settings.names().object(document, 2, name))
        .isPresent();
  }

  @Test
  @DisplayName("two nodes shorten a log that has become too long, and every change is still read")
  void longLogShrinks() throws Exception {
    var written = new HashSet<>(changes(1, 400));
    for (var change : written) {
      await(one.append(A, java.util.List.of(change)));
    }
    var before = logBytes();
    var limits = new ClusterLimits.Upkeep(100, 50, before / 4, 60_000, HOUR);
    var metrics = new Metrics();
    try (var _ = StoreUpkeep.start(one, limits, new SecureRandom(), metrics);
        var _ = StoreUpkeep.start(two, limits, new SecureRandom(), new Metrics())) {
      var end = System.nanoTime() + TimeUnit.SECONDS.toNanos(30);
      while (logBytes() > before / 4) {
        assertTrue(System.nanoTime() - end < 0, "the log is still long after 30 s");
        LockSupport.parkNanos(10_000_000);
      }
    }
    assertEquals(written, new HashSet<>(fixture.node().load(A).orElseThrow().tail()));
    assertTrue(one.folds() + two.folds() > 0);
    assertTrue(metrics.scrape().contains("parlor_cluster_folds"), "the folds are counted");
  }

  @Test
  @DisplayName(
      "an object to which no pointer refers is deleted when it is old enough, and no other object")
  void orphansAreSwept() throws Exception {
    await(one.append(A, changes(1, 3)));
    await(one.compact(A, Bytes.utf8("a snapshot"), hashes(changes(1, 3))));
    var objects = new StoredObjects(fixture.operator, 2);
    var _ = objects.write(A, "orphan", Bytes.utf8("of a dead node"));
    var _ = objects.write(B, "orphan", Bytes.utf8("of a dead node"));
    assertEquals(0, sweep(HOUR), "a writer could still make a pointer refer to it");
    var _ = objects.write(A, "another", Bytes.utf8("of a dead node"));
    assertEquals(3, sweep(0));
    assertFalse(hasObject(A, "orphan"));
    assertFalse(hasObject(B, "orphan"));
    assertEquals(0, sweep(0));
    assertTrue(two.load(A).orElseThrow().snapshot().isPresent());
    assertEquals(Set.of(A), two.documents());
    await(two.append(B, changes(2, 1)));
    assertTrue(two.fold(B));
    assertEquals(changes(2, 1), one.load(B).orElseThrow().tail());
  }

  private int sweep(int objectMillis) throws IOException {
    return one.sweep(0, objectMillis) + one.sweep(1, objectMillis);
  }

  @Test
  @DisplayName("a writer that was paused for long cannot make a pointer refer to a deleted object")
  void lateWriterIsRefused() throws Exception {
    var names = fixture.settings.names();
    var shard = ClusterNames.shardOf(A, 2);
    var objects = new StoredObjects(fixture.operator, 2);
    var reader = new DocumentReader(fixture.operator, 2);
    await(one.append(A, changes(1, 3)));
    for (var round = 0; round < 2; round++) {
      var read = reader.pointer(A);
      var _ = objects.write(A, "late", Bytes.utf8("of a paused node"));
      assertEquals(1, sweep(0));
      var refused =
          assertThrows(
              ClusterException.class,
              () ->
                  fixture.operator.replace(
                      names.pointers(shard),
                      names.pointer(A, 2),
                      Pointer.empty(1, null, "the paused node").encode(),
                      read.sequence()));
      assertEquals(Kind.CONFLICT, refused.kind());
      assertTrue(one.fold(A) || round > 0);
    }
    assertEquals(changes(1, 3), two.load(A).orElseThrow().tail());
  }

  @Test
  @DisplayName("health names a damaged entry and a document whose object is damaged")
  void damageIsNamed() throws Exception {
    assertTrue(two.documentsCondition().well());
    await(one.append(A, changes(1, 2)));
    var stored =
        fixture.operator.last(fixture.logStream(A), fixture.log(A)).orElseThrow().data().toArray();
    stored[stored.length / 2] ^= 1;
    var damagedAt = fixture.operator.publish(fixture.log(A), stored);
    assertEquals(changes(1, 2), two.load(A).orElseThrow().tail());
    var detail = two.documentsCondition().detail();
    assertTrue(detail.contains("entry " + damagedAt + " of document " + A), detail);
    assertEquals(Set.of(), two.quarantined(), "the document opens");

    await(one.append(B, changes(2, 1)));
    assertTrue(one.fold(B));
    var pointer = new DocumentReader(fixture.operator, 2);
    var name = pointer.pointer(B).pointer().object();
    var _ =
        fixture.operator.publish(
            fixture.settings.names().object(B, 2, name == null ? "" : name),
            new byte[] {0, 0, 0, 0});
    assertThrows(CorruptDocumentException.class, () -> two.load(B));
    assertEquals(Set.of(B), two.quarantined());
    assertTrue(two.documentsCondition().detail().contains("the object of document " + B));
  }
}
