package dev.parlor.relay.socket;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.parlor.crdt.identity.ActorId;
import dev.parlor.crdt.identity.Bytes;
import dev.parlor.crdt.identity.DocumentId;
import dev.parlor.crdt.identity.PeerId;
import dev.parlor.crdt.identity.SessionId;
import dev.parlor.crdt.identity.StorageId;
import dev.parlor.crdt.replica.Edit;
import dev.parlor.crdt.replica.Path;
import dev.parlor.crdt.replica.Replica;
import dev.parlor.crdt.replica.Value;
import dev.parlor.crdt.sync.BloomFilter;
import dev.parlor.crdt.sync.SyncLimits;
import dev.parlor.crdt.sync.SyncMessage;
import dev.parlor.crdt.sync.SyncMessageCodec;
import dev.parlor.crdt.wire.WireMessage;
import dev.parlor.relay.config.Limits;
import dev.parlor.relay.config.SocketTransport;
import dev.parlor.relay.document.CompactionOutcome;
import dev.parlor.relay.document.DocumentDescription;
import dev.parlor.relay.document.DocumentDirectory;
import dev.parlor.relay.health.Metrics;
import dev.parlor.relay.nodes.MemoryNodeBus;
import dev.parlor.relay.storage.MemoryChangeStore;
import java.io.IOException;
import java.util.List;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Tests when the server makes a snapshot of a document, and which peers receive it. */
@Timeout(value = 60, unit = TimeUnit.SECONDS)
@OnEachTransport
class SnapshotsIT {

  private static final int COMPACT_AFTER = 10;
  private static final int OPERATIONS_MAX = 40;

  private final DocumentId document = SyncPeer.document(13);

  private RelayFixture start() {
    return RelayFixture.start(new RelayFixture.Setup(transport).limits(limits()));
  }

  private static Limits limits() {
    var limits = Limits.defaults();
    var storage = limits.storage();
    return limits.with(
        new Limits.Storage(
            storage.groupRecordsMax(),
            storage.groupBytesMax(),
            storage.queueBytesMax(),
            COMPACT_AFTER,
            OPERATIONS_MAX,
            storage.logRecordsMax(),
            storage.logBytesMax(),
            storage.absorbChangesMax(),
            storage.absorbBytesMax(),
            storage.absorbDocumentsMax(),
            storage.absorbIdleMillis()));
  }

  private void editAndCommit(RelayFixture relay, String author, int edits) throws IOException {
    try (var peer = new SyncPeer(relay.url(), author, document)) {
      for (var i = 0; i < edits; i++) {
        peer.edit();
      }
      peer.awaitCommitted();
    }
  }

  private DocumentDescription awaitDescription(
      RelayFixture relay, Predicate<DocumentDescription> condition) throws Exception {
    while (true) {
      var description = relay.documents().admin().describe(document, false);
      if (description.isPresent()) {
        var current = description.get().get(20, TimeUnit.SECONDS);
        if (condition.test(current)) {
          return current;
        }
      }
      Thread.onSpinWait();
    }
  }

  /** The server's answer to the request of a peer that has no changes and accepts snapshots. */
  private Bytes requestDocument(RelayFixture relay, String name) throws IOException {
    try (var client = RawClient.join(relay.url(), name)) {
      var nothing =
          new SyncMessage(
              SyncMessage.Kind.CHANGES,
              List.of(),
              List.of(),
              List.of(new SyncMessage.Have(List.of(), BloomFilter.EMPTY)),
              List.of(),
              Bytes.ofHex("02"));
      client.send(
          new WireMessage.Request(
              client.id(), RelayFixture.SERVER, document, SyncMessageCodec.encode(nothing)));
      return client.message(WireMessage.Sync.class).data();
    }
  }

  private static double compactions(Metrics metrics) {
    return metrics
        .scrape()
        .lines()
        .filter(line -> line.startsWith("parlor_compaction_seconds_count "))
        .mapToDouble(line -> Double.parseDouble(line.substring(line.indexOf(' '))))
        .sum();
  }

  private static SyncMessage decode(Bytes data) {
    return SyncMessageCodec.decode(data, SyncLimits.DEFAULT).orElseThrow();
  }

  private final SocketTransport transport;

  SnapshotsIT(SocketTransport transport) {
    this.transport = transport;
  }

  @Test
  @DisplayName(
      "[SY3] [DU3] a peer without changes receives a document as its snapshot, also after the document was reopened")
  void joinedBySnapshot() throws Exception {
    try (var relay = start()) {
      editAndCommit(relay, "ada", COMPACT_AFTER - 1);
      assertFalse(awaitDescription(relay, current -> current.uncommitted() == 0).compacting());
      assertEquals(SyncMessage.Kind.CHANGES, decode(requestDocument(relay, "early")).kind());
      editAndCommit(relay, "bob", 1);
      awaitDescription(relay, current -> current.snapshotBytes() > 0);
      editAndCommit(relay, "cem", 2);
      var message = requestDocument(relay, "late");
      assertEquals(message, requestDocument(relay, "later"), "the same bytes for both");
      assertEquals(SyncMessage.Kind.BLOB, decode(message).kind());
      assertComplete(decode(message));

      relay.documents().admin().close(document).orElseThrow().get(20, TimeUnit.SECONDS);
      while (relay.documents().size() > 0) {
        Thread.onSpinWait();
      }
      var reopened = decode(requestDocument(relay, "after"));
      assertEquals(SyncMessage.Kind.BLOB, reopened.kind());
      assertComplete(reopened);
      assertFalse(
          awaitDescription(relay, current -> current.changes() == COMPACT_AFTER + 2).compacting());
      assertEquals(1, compactions(relay.metrics()), "opening a document makes no new snapshot");
      editAndCommit(relay, "dan", COMPACT_AFTER - 2);
      awaitDescription(
          relay, current -> !current.compacting() && compactions(relay.metrics()) == 2);
    }
  }

  private static void assertComplete(SyncMessage message) {
    var reader = new ActorId(Bytes.utf8("reader of joined"));
    try (var replica = Replica.load(message.changes().stream().findFirst(), List.of(), reader)) {
      assertEquals(message.heads(), replica.heads());
    }
  }

  @Test
  @DisplayName(
      "[SY3] [AD3] a document with more operations than a compaction may process has no snapshot")
  void tooManyOperations() throws Exception {
    try (var relay = start()) {
      try (var peer = new SyncPeer(relay.url(), "ada", document)) {
        peer.edit(new Edit.Put(Path.of("t"), Value.text("x".repeat(OPERATIONS_MAX))));
        for (var i = 0; i < COMPACT_AFTER; i++) {
          peer.edit();
        }
        peer.awaitCommitted();
      }
      assertFalse(awaitDescription(relay, current -> current.uncommitted() == 0).compacting());
      var refused =
          assertInstanceOf(
              CompactionOutcome.Refused.class,
              relay.documents().admin().compact(document).orElseThrow().get(20, TimeUnit.SECONDS));
      assertEquals("too-large", refused.code());
      assertEquals(0, compactions(relay.metrics()));
      var message = decode(requestDocument(relay, "late"));
      assertEquals(SyncMessage.Kind.CHANGES, message.kind());
      assertTrue(message.changes().size() > COMPACT_AFTER);
    }
  }

  @Test
  @DisplayName("[DU3] a document that other nodes also store is not compacted")
  void severalNodes() throws Exception {
    var metrics = new Metrics();
    var rooms =
        new DocumentDirectory(
            new DocumentDirectory.Environment(
                new MemoryChangeStore(new StorageId("memory")),
                Runnable::run,
                metrics,
                System::nanoTime),
            limits(),
            new PeerId("server"),
            new SessionId("run"),
            new MemoryNodeBus(MemoryNodeBus.Reliability.RELIABLE, new Random(1)).node(1));
    try (var replica = Replica.create(new ActorId(Bytes.utf8("sixteen letters!")))) {
      for (var i = 0; i <= COMPACT_AFTER; i++) {
        var change = replica.transact(List.of(new Edit.Put(Path.of("k"), new Value.Int(i))));
        rooms.open(document).submit(List.of(change.orElseThrow())).get(20, TimeUnit.SECONDS);
      }
    }
    var admin = rooms.admin();
    var description = admin.describe(document, false).orElseThrow().get(20, TimeUnit.SECONDS);
    assertEquals(COMPACT_AFTER + 1, description.changes());
    assertFalse(description.compacting());
    assertEquals(0, description.snapshotBytes());
    var refused =
        assertInstanceOf(
            CompactionOutcome.Refused.class,
            admin.compact(document).orElseThrow().get(20, TimeUnit.SECONDS));
    assertEquals("shared", refused.code());
    assertEquals(0, compactions(metrics));
  }
}
