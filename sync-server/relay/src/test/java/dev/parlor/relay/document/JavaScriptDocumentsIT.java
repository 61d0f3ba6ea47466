package dev.parlor.relay.document;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.parlor.crdt.document.DocumentBuilder;
import dev.parlor.crdt.document.DocumentCodec;
import dev.parlor.crdt.document.DocumentLimits;
import dev.parlor.crdt.document.UnreadDocument;
import dev.parlor.crdt.format.ChangeChunk;
import dev.parlor.crdt.format.ChangeCodec;
import dev.parlor.crdt.format.FormatLimits;
import dev.parlor.crdt.graph.ChangeGraph;
import dev.parlor.crdt.graph.Offer;
import dev.parlor.crdt.identity.Bytes;
import dev.parlor.crdt.identity.DocumentId;
import dev.parlor.crdt.identity.StorageId;
import dev.parlor.crdt.operations.CheckedGraph;
import dev.parlor.crdt.operations.OperationLimits;
import dev.parlor.crdt.replica.Snapshots;
import dev.parlor.relay.admission.ChangePolicy;
import dev.parlor.relay.interop.NodeProcess;
import dev.parlor.relay.socket.SyncPeer;
import dev.parlor.relay.storage.ChangeStore.ChangeRecord;
import dev.parlor.relay.storage.MemoryChangeStore;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Random documents of Automerge for JavaScript, with all types of values, several actors, conflicts
 * and marks. {@code ./parlor fuzz documents} does the same with ten thousand.
 */
class JavaScriptDocumentsIT {

  private static final int DOCUMENTS = 60;
  private static final DocumentId ID = SyncPeer.document(31);

  /** A document as its line of the scenario describes it. */
  private record Sample(String name, Bytes chunk, Set<Bytes> changes) {}

  private static List<Sample> samples(String version, int count) throws Exception {
    var samples = new ArrayList<Sample>();
    try (var node = NodeProcess.scenario("random-documents", version, 1, count)) {
      for (var i = 0; i < count; i++) {
        samples.add(sample(new ObjectMapper().readTree(node.expect("document"))));
      }
      node.succeeds();
    }
    return samples;
  }

  private static Sample sample(JsonNode json) {
    var changes =
        json.path("changes")
            .valueStream()
            .map(change -> ChangeCodec.decode(bytes(change), FormatLimits.DEFAULT).orElseThrow())
            .map(ChangeChunk::plain)
            .collect(Collectors.toCollection(TreeSet::new));
    var name = "automerge " + json.path("version").asText() + ", seed " + json.path("seed");
    return new Sample(name, bytes(json.path("chunk")), changes);
  }

  private static Bytes bytes(JsonNode base64) {
    return Bytes.wrap(Base64.getDecoder().decode(base64.asText()));
  }

  private static List<ChangeChunk> decode(Sample sample) {
    return DocumentCodec.decode(sample.chunk(), DocumentLimits.DEFAULT).orElseThrow().changes();
  }

  @ParameterizedTest(name = "Automerge {0}")
  @ValueSource(strings = {"2", "3"})
  @DisplayName(
      "[AD1] [SY3] [DU3] random documents of JavaScript decode to their changes, pass admission, are built as by the bindings, and come back from snapshot and log")
  void randomDocuments(String version) throws Exception {
    for (var sample : samples(version, DOCUMENTS)) {
      var changes = decode(sample);
      assertEquals(sample.changes(), plain(changes), sample.name());
      var checked = new CheckedGraph(OperationLimits.DEFAULT);
      for (var change : changes) {
        assertEquals(
            ChangeCodec.decode(change.plain(), FormatLimits.DEFAULT).orElseThrow(), change);
        assertInstanceOf(Offer.Added.class, checked.offer(change, null), sample.name());
      }
      assertBuiltAsByTheBindings(changes, sample.name());
      var reopened = reopened(changes);
      assertEquals(checked.graph().heads(), reopened.heads(), sample.name());
      assertEquals(sample.changes(), plain(reopened), sample.name());
    }
  }

  private static void assertBuiltAsByTheBindings(List<ChangeChunk> changes, String name) {
    var chunks = changes.stream().map(ChangeChunk::plain).toList();
    var built = DocumentBuilder.build(Optional.empty(), chunks).orElseThrow();
    var expected = Snapshots.build(Optional.empty(), chunks);
    assertTrue(open(built).isSameInflated(open(expected)), name);
  }

  private static UnreadDocument open(Bytes chunk) {
    return DocumentCodec.open(chunk, DocumentLimits.DEFAULT).orElseThrow();
  }

  /** The graph of the document after it was stored as a snapshot and a log, and loaded again. */
  private static ChangeGraph reopened(List<ChangeChunk> changes) throws Exception {
    var store = new MemoryChangeStore(new StorageId("memory"));
    var half = changes.size() / 2;
    var stored = changes.stream().map(ChangeChunk::plain).toList();
    var covered = changes.subList(0, half).stream().map(ChangeChunk::hash);
    store
        .append(
            ID,
            changes.stream()
                .map(change -> new ChangeRecord(change.hash(), change.plain()))
                .toList())
        .get();
    if (half > 0) {
      var snapshot = DocumentBuilder.build(Optional.empty(), stored.subList(0, half)).orElseThrow();
      store.compact(ID, snapshot, covered.collect(Collectors.toSet())).get();
    }
    var loader =
        new DocumentLoader(
            store, (_, _) -> ChangePolicy.byRole(), OperationLimits.DEFAULT, true, () -> 0);
    return loader.load(ID).graph();
  }

  private static Set<Bytes> plain(List<ChangeChunk> changes) {
    return changes.stream().map(ChangeChunk::plain).collect(Collectors.toCollection(TreeSet::new));
  }

  private static Set<Bytes> plain(ChangeGraph graph) {
    var chunks = new TreeSet<Bytes>();
    for (var position = 0; position < graph.size(); position++) {
      chunks.add(graph.chunkAt(position));
    }
    return chunks;
  }
}
