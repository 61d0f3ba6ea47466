package dev.parlor.relay.document;

import dev.parlor.crdt.format.ChangeChunk;
import dev.parlor.crdt.format.ChangeCodec;
import dev.parlor.crdt.format.FormatLimits;
import dev.parlor.crdt.graph.ChangeGraph;
import dev.parlor.crdt.identity.ActorId;
import dev.parlor.crdt.identity.Bytes;
import dev.parlor.crdt.identity.ChangeHash;
import dev.parlor.crdt.identity.DocumentId;
import dev.parlor.crdt.identity.PeerId;
import dev.parlor.crdt.identity.SessionId;
import dev.parlor.crdt.identity.StorageId;
import dev.parlor.crdt.operations.CheckedGraph;
import dev.parlor.crdt.operations.OperationLimits;
import dev.parlor.crdt.replica.Edit;
import dev.parlor.crdt.replica.Path;
import dev.parlor.crdt.replica.Replica;
import dev.parlor.crdt.replica.Value;
import dev.parlor.crdt.sync.BloomFilter;
import dev.parlor.crdt.sync.SyncMessage;
import dev.parlor.relay.admission.Admission;
import dev.parlor.relay.admission.ChangePolicy;
import dev.parlor.relay.config.Limits;
import dev.parlor.relay.health.Metrics;
import dev.parlor.relay.storage.MemoryChangeStore;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.LongSupplier;

/**
 * A document and two peers, without threads, sockets or a clock. A test class extends it and calls
 * the commands of {@link #document}.
 */
abstract class DocumentFixture {

  static final long SECOND = 1_000_000_000L;

  final DocumentId id = DocumentId.of(Bytes.ofHex("000102030405060708090a0b0c0d0e0f"));
  final Limits limits = Limits.defaults();
  final CheckedGraph checked = new CheckedGraph(OperationLimits.DEFAULT);
  final ChangeGraph graph = checked.graph();

  /** The first log position of each append to the store. */
  final List<Integer> appendPositions = new ArrayList<>();

  final DocumentState document =
      new DocumentState(
          id,
          services(limits, new Metrics(), () -> 0L),
          loaded(id, checked),
          (from, _) -> appendPositions.add(from));

  final FakePeer ada = new FakePeer("ada");
  final FakePeer bob = new FakePeer("bob");
  final List<ChangeChunk> chain = chain("ada", 6);

  /** The services of a relay with one node. */
  static RelayServices services(Limits limits, Metrics metrics, LongSupplier nanoTime) {
    return new RelayServices(
        limits,
        metrics,
        new Admission(limits.changes()),
        new PeerId("server"),
        new SessionId("run"),
        nanoTime);
  }

  /** An empty document, with a policy that depends only on the role. */
  static DocumentLoader.Loaded loaded(DocumentId id, CheckedGraph checked) {
    var authors = new MemoryChangeStore(new StorageId("memory")).table("authors");
    return new DocumentLoader.Loaded(
        checked, ChangePolicy.byRole(), new ActorOwners(id, authors), null);
  }

  /** Changes of one author, each of which depends on the previous one. */
  static List<ChangeChunk> chain(String author, int length) {
    var changes = new ArrayList<ChangeChunk>();
    try (var replica =
        Replica.create(new ActorId(Bytes.utf8((author + " ".repeat(16)).substring(0, 16))))) {
      for (var i = 0; i < length; i++) {
        var edit = new Edit.Put(Path.of(author + i), new Value.Int(i));
        var chunk = replica.transact(List.of(edit)).orElseThrow();
        changes.add(ChangeCodec.decode(chunk, FormatLimits.DEFAULT).orElseThrow());
      }
    }
    return changes;
  }

  /** A message that announces heads and contains changes. */
  static InboundMessage announcing(List<ChangeHash> heads, ChangeChunk... changes) {
    var have = new SyncMessage.Have(List.of(), BloomFilter.of(List.of(), 0));
    var message =
        new SyncMessage(SyncMessage.Kind.CHANGES, heads, List.of(), List.of(have), List.of(), null);
    return new InboundMessage(message, List.of(changes), 100, 100);
  }

  /** A message that contains changes and announces the last one as its head. */
  static InboundMessage carrying(ChangeChunk... changes) {
    return announcing(List.of(changes[changes.length - 1].hash()), changes);
  }

  /** Commits the append that began at this position, and settles. */
  void commitAppend(int from) {
    document.appended(from, Optional.empty(), 0);
    document.settle(0);
  }
}
