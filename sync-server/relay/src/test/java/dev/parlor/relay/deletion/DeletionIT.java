package dev.parlor.relay.deletion;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.parlor.crdt.identity.DocumentId;
import dev.parlor.crdt.identity.StorageId;
import dev.parlor.crdt.wire.WireMessage;
import dev.parlor.relay.config.Limits;
import dev.parlor.relay.config.RelayConfig;
import dev.parlor.relay.deletion.Deletions.Outcome;
import dev.parlor.relay.document.ChangeListener;
import dev.parlor.relay.document.DocumentHooks;
import dev.parlor.relay.health.Metrics;
import dev.parlor.relay.interop.NodeProcess;
import dev.parlor.relay.socket.RawClient;
import dev.parlor.relay.socket.RelayFixture;
import dev.parlor.relay.socket.SyncPeer;
import dev.parlor.relay.storage.ChangeStore;
import dev.parlor.relay.storage.MemoryChangeStore;
import dev.parlor.relay.storage.StoreOnDisk;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.OptionalInt;
import java.util.Set;
import java.util.UUID;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Deletion of documents that clients have open, with real sockets and a store on disk. */
class DeletionIT {

  private static final Instant START = Instant.parse("2026-11-30T09:00:00Z");
  private static final Duration KEPT = Duration.ofDays(30);

  private final DocumentId document = SyncPeer.document(1);
  @TempDir private Path folder = Path.of("replaced by JUnit");
  private Instant now = START;
  private ChangeStore store = new MemoryChangeStore(new StorageId("memory"));
  private RelayFixture relay = start(store);
  private Deletions deletions = deletions();

  private static RelayFixture start(ChangeStore store) {
    var tombstones = new Tombstones(store);
    return RelayFixture.start(
        new RelayFixture.Setup()
            .store(store)
            .hooks(new DocumentHooks(tombstones::isDeleted, ChangeListener.NONE)));
  }

  private Deletions deletions() {
    return new Deletions(
        store, new Tombstones(store), relay.documents(), DeletionListener.NONE, KEPT, () -> now);
  }

  /** Goes on with a store on disk of two shards, also after a restart. */
  private void restartOnDisk() throws Exception {
    stop();
    store =
        StoreOnDisk.open(
            folder.resolve("data"),
            new RelayConfig.Shards(OptionalInt.of(2), Set.of()),
            Limits.defaults().storage(),
            new Metrics(),
            UUID::randomUUID);
    relay = start(store);
    deletions = deletions();
  }

  @AfterEach
  void stop() throws Exception {
    relay.close();
    store.close();
  }

  private static void assertToldDeleted(RawClient client) throws IOException {
    var error = client.message(WireMessage.ErrorMessage.class);
    assertEquals("[DD1] this document is deleted", error.message());
    var _ = client.message(WireMessage.DocUnavailable.class);
  }

  @Test
  @DisplayName(
      "[DD1] peers that have a document open are told at once that it is deleted; their later"
          + " changes are dropped, their connections and other documents go on")
  void openPeersAreTold() throws Exception {
    restartOnDisk();
    try (var ada = new SyncPeer(relay.url(), "ada", document);
        var bob = new SyncPeer(relay.url(), "bob", document)) {
      var first = ada.edit();
      ada.awaitCommitted();
      bob.sendSync();
      bob.awaitChange(first);
      assertInstanceOf(Outcome.Done.class, deletions.delete(document, false));
      assertToldDeleted(ada.client());
      assertToldDeleted(bob.client());
      var stored = store.load(document).orElseThrow().tail().size();
      ada.edit();
      ada.edit();
      try (var other = new SyncPeer(ada.client(), SyncPeer.document(2))) {
        other.edit();
        other.awaitCommitted();
      }
      assertEquals(stored, store.load(document).orElseThrow().tail().size());
      assertTrue(relay.metrics().scrape().contains("parlor_changes_dropped_total 2.0"));
    }
  }

  @Test
  @DisplayName(
      "[DD1] a peer that opens a deleted document is told once; a search is answered each time, and"
          + " a client with the content cannot create it again")
  void deletedDocumentStaysDeleted() throws Exception {
    restartOnDisk();
    try (var ada = new SyncPeer(relay.url(), "ada", document)) {
      ada.edit();
      ada.awaitCommitted();
      assertInstanceOf(Outcome.Done.class, deletions.delete(document, true));
      assertToldDeleted(ada.client());
      assertFalse(store.contains(document));
      restartOnDisk();
      try (var client = RawClient.join(relay.url(), "ada")) {
        ada.moveTo(client);
        ada.sendSync();
        assertToldDeleted(client);
        ada.edit();
        try (var finder = new SyncPeer(RawClient.join(relay.url(), "bob"), document)) {
          finder.sendSync();
          assertToldDeleted(finder.client());
          try (var again = new SyncPeer(finder.client(), document)) {
            again.sendSync();
            var _ = finder.client().message(WireMessage.DocUnavailable.class);
          }
        }
        assertFalse(store.contains(document));
      }
      assertInstanceOf(Outcome.Gone.class, deletions.delete(document, true));
      assertInstanceOf(Outcome.Gone.class, deletions.restore(document));
    }
  }

  @Test
  @DisplayName(
      "a restored document is there again with all its changes, also for peers that were told"
          + " that it is deleted")
  void restoredDocumentIsThereAgain() throws Exception {
    restartOnDisk();
    try (var ada = new SyncPeer(relay.url(), "ada", document)) {
      var hash = ada.edit();
      ada.awaitCommitted();
      assertInstanceOf(Outcome.NotDeleted.class, deletions.restore(document));
      assertInstanceOf(Outcome.Done.class, deletions.delete(document, false));
      assertInstanceOf(Outcome.Gone.class, deletions.delete(document, false));
      assertToldDeleted(ada.client());
      try (var bob = new SyncPeer(relay.url(), "bob", document)) {
        bob.sendSync();
        assertToldDeleted(bob.client());
        assertInstanceOf(Outcome.Done.class, deletions.restore(document));
        assertEquals(0, sweepAt(START.plus(KEPT)));
        try (var again = new SyncPeer(bob.client(), document)) {
          again.sendSync();
          again.awaitChange(hash);
        }
      }
    }
  }

  private int sweepAt(Instant time) {
    now = time;
    return deletions.sweep();
  }

  @Test
  @DisplayName(
      "the sweep removes the data of a deleted document after its time and not before; the"
          + " tombstone stays")
  void sweepRemovesTheData() throws Exception {
    restartOnDisk();
    try (var ada = new SyncPeer(relay.url(), "ada", document)) {
      ada.edit();
      ada.awaitCommitted();
    }
    assertInstanceOf(Outcome.Done.class, deletions.delete(document, false));
    restartOnDisk();
    assertEquals(0, sweepAt(START.plus(KEPT).minusMillis(1)));
    assertTrue(store.contains(document));
    assertEquals(1, sweepAt(START.plus(KEPT)));
    assertFalse(store.contains(document));
    assertTrue(deletions.find(document).orElseThrow().isRemoved());
    assertEquals(START, deletions.find(document).orElseThrow().at());
    assertInstanceOf(Outcome.Gone.class, deletions.restore(document));
    assertInstanceOf(Outcome.Unknown.class, deletions.delete(SyncPeer.document(9), false));
  }

  @Test
  @DisplayName("if the disk refuses a deletion, it fails, and the document goes on as before")
  void refusedDeletion() throws Exception {
    var memory = (MemoryChangeStore) store;
    try (var ada = new SyncPeer(relay.url(), "ada", document)) {
      ada.edit();
      ada.awaitCommitted();
      memory.failCommits(new IOException("full"));
      assertThrows(IOException.class, () -> deletions.delete(document, true));
      memory.failCommits(null);
      ada.edit();
      ada.awaitCommitted();
      assertEquals(2, ada.size());
      assertFalse(deletions.isDeleted(document));
    }
  }

  @Test
  @DisplayName(
      "[DD1] unmodified automerge-repo clients keep their connection and their copy when a document"
          + " is deleted, find it unavailable, and find it again after its restoration")
  void unmodifiedClients() throws Exception {
    restartOnDisk();
    try (var node = NodeProcess.scenario("deleted", relay.url())) {
      var id = DocumentId.parse(node.expect("document").replace("\"", "")).orElseThrow();
      assertInstanceOf(Outcome.Done.class, deletions.delete(id, false));
      node.go();
      node.expect("deleted");
      var stored = store.load(id).orElseThrow().tail().size();
      assertInstanceOf(Outcome.Done.class, deletions.restore(id));
      node.go();
      node.expect("passed");
      node.succeeds();
      assertEquals(1, stored);
    }
  }
}
