package dev.parlor.crdt.sync;

import static java.util.Objects.requireNonNull;

import dev.parlor.crdt.document.DocumentCodec;
import dev.parlor.crdt.document.DocumentLimits;
import dev.parlor.crdt.format.ChangeChunk;
import dev.parlor.crdt.format.ChangeCodec;
import dev.parlor.crdt.format.FormatLimits;
import dev.parlor.crdt.graph.ChangeGraph;
import dev.parlor.crdt.graph.Offer;
import dev.parlor.crdt.graph.PendingChanges;
import dev.parlor.crdt.identity.Bytes;
import dev.parlor.crdt.identity.ChangeHash;
import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.automerge.Document;
import org.automerge.ObjectId;
import org.automerge.SyncState;
import org.jspecify.annotations.Nullable;

/**
 * Replicas for tests of the sync protocol: one of Parlor's classes, one of Automerge's bindings.
 */
final class Replicas {

  private Replicas() {}

  /** A replica of a document that syncs over numbered links. */
  interface SyncReplica extends AutoCloseable {
    void open(int link, boolean initiates);

    void close(int link);

    void receive(int link, Bytes message);

    Optional<Bytes> next(int link);

    List<ChangeHash> heads();

    void put(String key, String value);

    Document document();

    @Override
    void close();
  }

  /** A replica of Automerge's bindings: a document and a sync state for each link. */
  static final class AutomergeReplica implements SyncReplica {
    final Document document;
    private final Map<Integer, SyncState> states = new HashMap<>();

    AutomergeReplica(int actor) {
      var bytes = new byte[16];
      Arrays.fill(bytes, (byte) actor);
      document = new Document(bytes);
    }

    @Override
    public void put(String key, String value) {
      set(document, key, value);
    }

    @Override
    public Document document() {
      return document;
    }

    @Override
    public void open(int link, boolean initiates) {
      states.put(link, new SyncState());
    }

    @Override
    public void close(int link) {
      requireNonNull(states.remove(link)).free();
    }

    @Override
    public void receive(int link, Bytes message) {
      document.receiveSyncMessage(requireNonNull(states.get(link)), message.toArray());
    }

    @Override
    public Optional<Bytes> next(int link) {
      return document.generateSyncMessage(requireNonNull(states.get(link))).map(Bytes::wrap);
    }

    @Override
    public List<ChangeHash> heads() {
      return headsOf(document);
    }

    @Override
    public void close() {
      states.values().forEach(SyncState::free);
      document.free();
    }
  }

  /** A replica of Parlor's classes, used as the relay does. A document of the bindings edits it. */
  static final class ParlorReplica implements SyncReplica {
    final ChangeGraph graph = new ChangeGraph();
    final PendingChanges pending = new PendingChanges();
    final SyncEncoder encoder;
    final Map<Integer, PeerSync> peers = new HashMap<>();
    private @Nullable Document editor;
    private int editorSize;

    ParlorReplica() {
      encoder = new SyncEncoder(graph);
    }

    ParlorReplica(java.util.function.Function<ChangeGraph, SyncEncoder> encoder) {
      this.encoder = encoder.apply(graph);
    }

    @Override
    public void open(int link, boolean initiates) {
      var peer = new PeerSync(graph);
      if (initiates) {
        peer.initiate();
      }
      peers.put(link, peer);
    }

    @Override
    public void close(int link) {
      peers.remove(link);
      pending.forget(link);
    }

    @Override
    public void receive(int link, Bytes bytes) {
      var message = SyncMessageCodec.decode(bytes, SyncLimits.DEFAULT).orElseThrow();
      for (var blob : message.changes()) {
        var chunks = ChangeCodec.splitWithDocuments(blob, FormatLimits.DEFAULT).orElseThrow();
        for (var chunk : chunks) {
          if (ChangeCodec.isDocument(chunk)) {
            var contents = DocumentCodec.decode(chunk, DocumentLimits.DEFAULT).orElseThrow();
            contents.changes().forEach(change -> offer(link, change));
          } else {
            offer(link, ChangeCodec.decode(chunk, FormatLimits.DEFAULT).orElseThrow());
          }
        }
      }
      requireNonNull(peers.get(link)).received(message);
    }

    void offer(Object source, ChangeChunk first) {
      var queue = new ArrayDeque<>(List.of(first));
      while (!queue.isEmpty()) {
        var change = queue.poll();
        switch (graph.offer(change)) {
          case Offer.Added _ -> queue.addAll(pending.release(change.hash()));
          case Offer.Duplicate _ -> {}
          case Offer.MissingDependencies missing -> pending.hold(source, change, missing);
          case Offer.Rejected(var rule, var reason) -> throw new AssertionError(rule + reason);
        }
      }
    }

    @Override
    public Optional<Bytes> next(int link) {
      return requireNonNull(peers.get(link)).next(encoder, pending.missing(link));
    }

    /** Whether the peer's last heads are ours and no change waits. */
    boolean isInSync(int link) {
      return requireNonNull(peers.get(link)).inSync() && pending.missing(link).isEmpty();
    }

    /** Resets sync with the peer. Returns the message to send [SY12]. */
    Bytes resetSync(int link) {
      peers.compute(link, (_, previous) -> requireNonNull(previous).restarted());
      return PeerSync.RESET_MESSAGE;
    }

    @Override
    public List<ChangeHash> heads() {
      return graph.heads();
    }

    @Override
    public void put(String key, String value) {
      var document = document();
      var previous = document.getHeads();
      set(document, key, value);
      offer(this, decode(Bytes.wrap(document.encodeChangesSince(previous))).getFirst());
    }

    /** The document of the bindings with all changes of the graph. */
    @Override
    public Document document() {
      var document = editor == null ? new Document() : editor;
      editor = document;
      for (; editorSize < graph.size(); editorSize++) {
        document.applyEncodedChanges(graph.chunkAt(editorSize).toArray());
      }
      return document;
    }

    @Override
    public void close() {
      if (editor != null) {
        editor.free();
      }
    }
  }

  /**
   * Delivers messages over one link until neither replica has another message. Returns the number
   * of messages.
   */
  static int exchangeAll(SyncReplica left, SyncReplica right, int link) {
    var count = 0;
    for (var round = 0; round < 200; round++) {
      var fromLeft = left.next(link);
      fromLeft.ifPresent(message -> right.receive(link, message));
      var fromRight = right.next(link);
      fromRight.ifPresent(message -> left.receive(link, message));
      if (fromLeft.isEmpty() && fromRight.isEmpty()) {
        return count;
      }
      count += (fromLeft.isPresent() ? 1 : 0) + (fromRight.isPresent() ? 1 : 0);
    }
    throw new AssertionError("the replicas exchange messages without end");
  }

  static List<ChangeHash> headsOf(Document document) {
    return Arrays.stream(document.getHeads())
        .map(head -> ChangeHash.read(head.getBytes(), 0))
        .sorted()
        .toList();
  }

  static List<ChangeChunk> changesOf(Document document) {
    return decode(Bytes.wrap(document.encodeChangesSince(new org.automerge.ChangeHash[0])));
  }

  /** The values of the root as strings, by key. */
  static Map<String, String> contentsOf(Document document) {
    var contents = new TreeMap<String, String>();
    for (var key : document.keys(ObjectId.ROOT).orElseThrow()) {
      contents.put(key, document.get(ObjectId.ROOT, key).orElseThrow().toString());
    }
    return contents;
  }

  static List<ChangeChunk> decode(Bytes concatenated) {
    return ChangeCodec.split(concatenated, FormatLimits.DEFAULT).orElseThrow().stream()
        .map(chunk -> ChangeCodec.decode(chunk, FormatLimits.DEFAULT).orElseThrow())
        .toList();
  }

  private static void set(Document document, String key, String value) {
    try (var transaction = document.startTransaction()) {
      transaction.set(ObjectId.ROOT, key, value);
      transaction.commit();
    }
  }
}
