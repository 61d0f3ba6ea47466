package dev.parlor.relay.document;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.parlor.crdt.document.DocumentBuilder;
import dev.parlor.crdt.document.DocumentCodec;
import dev.parlor.crdt.document.DocumentLimits;
import dev.parlor.crdt.format.ChangeCodec;
import dev.parlor.crdt.format.FormatLimits;
import dev.parlor.crdt.graph.ChangeGraph;
import dev.parlor.crdt.identity.ActorId;
import dev.parlor.crdt.identity.Bytes;
import dev.parlor.crdt.identity.DocumentId;
import dev.parlor.crdt.identity.StorageId;
import dev.parlor.crdt.replica.Edit;
import dev.parlor.crdt.replica.Path;
import dev.parlor.crdt.replica.Replica;
import dev.parlor.crdt.replica.Value;
import dev.parlor.crdt.sync.SyncEncoder.Snapshot;
import dev.parlor.relay.health.Metrics;
import dev.parlor.relay.socket.SyncPeer;
import dev.parlor.relay.storage.ChangeStore.ChangeRecord;
import dev.parlor.relay.storage.MemoryChangeStore;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/** The heap that a compaction may take, and the snapshots that it writes within this limit. */
class CompactorTest {

  private static final DocumentId DOCUMENT = SyncPeer.document(50);
  private static final int CHANGES = 20;

  private final MemoryChangeStore store = new MemoryChangeStore(new StorageId("memory"));
  private final ChangeGraph graph = new ChangeGraph();

  private Compactor compactor(long heapBytesMax) {
    return new Compactor(store, Runnable::run, new Metrics(), heapBytesMax);
  }

  private void addChanges() throws Exception {
    try (var replica = Replica.create(new ActorId(Bytes.utf8("sixteen letters!")))) {
      for (var i = 0; i < CHANGES; i++) {
        var edit = new Edit.Put(Path.of("k"), new Value.Int(i));
        var chunk = replica.transact(List.of(edit)).orElseThrow();
        var change = ChangeCodec.decode(chunk, FormatLimits.DEFAULT).orElseThrow();
        var _ = graph.offer(change);
        store.append(DOCUMENT, List.of(new ChangeRecord(change.hash(), chunk))).get();
      }
    }
  }

  private Snapshot compacted(Compactor compactor, Optional<Snapshot> previous) {
    var results = new ArrayList<Compactor.Result>();
    compactor.compact(DOCUMENT, graph, CHANGES, previous, results::add);
    return assertInstanceOf(Compactor.Stored.class, results.getFirst()).snapshot();
  }

  @Test
  @DisplayName(
      "[DU3] a document is too large for a compaction if the estimate of its heap exceeds the limit")
  void limit() throws Exception {
    addChanges();
    var estimate = DocumentBuilder.heapBytes(CHANGES, CHANGES, graph.chunkBytes());
    assertFalse(compactor(estimate).isTooLarge(graph, CHANGES));
    assertTrue(compactor(estimate - 1).isTooLarge(graph, CHANGES));
    assertTrue(compactor(estimate).isTooLarge(graph, CHANGES + 1));
  }

  @Test
  @DisplayName(
      "[DU3] a document near the limit is compacted from its changes, not from its older snapshot, and the result is the same")
  void nearTheLimit() throws Exception {
    addChanges();
    var estimate = DocumentBuilder.heapBytes(CHANGES, CHANGES, graph.chunkBytes());
    var unreadable = new Snapshot(Bytes.utf8("no chunk"), List.of(graph.hashAt(CHANGES / 2)));
    var snapshot = compacted(compactor(estimate), Optional.of(unreadable));
    assertEquals(graph.heads(), snapshot.heads());
    var contents = DocumentCodec.decode(snapshot.chunk(), DocumentLimits.DEFAULT).orElseThrow();
    assertEquals(CHANGES, contents.changes().size());
    var older = Optional.of(snapshot);
    assertEquals(snapshot.chunk(), compacted(compactor(3 * estimate), older).chunk());
  }
}
