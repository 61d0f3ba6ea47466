package dev.parlor.relay.nodes;

import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.parlor.crdt.format.ChangeChunk;
import dev.parlor.crdt.format.ChangeCodec;
import dev.parlor.crdt.format.FormatLimits;
import dev.parlor.crdt.graph.ChangeGraph;
import dev.parlor.crdt.graph.Offer;
import dev.parlor.crdt.graph.PendingChanges;
import dev.parlor.crdt.identity.ActorId;
import dev.parlor.crdt.identity.Bytes;
import dev.parlor.crdt.identity.ChangeHash;
import dev.parlor.crdt.identity.DocumentId;
import dev.parlor.crdt.identity.PeerId;
import dev.parlor.crdt.identity.SessionId;
import dev.parlor.crdt.replica.Edit;
import dev.parlor.crdt.replica.Replica;
import dev.parlor.crdt.replica.Value;
import dev.parlor.crdt.sync.PeerSync;
import dev.parlor.crdt.sync.SyncEncoder;
import dev.parlor.crdt.sync.SyncLimits;
import dev.parlor.crdt.sync.SyncMessage;
import dev.parlor.crdt.sync.SyncMessageCodec;
import dev.parlor.crdt.wire.WireCodec;
import dev.parlor.crdt.wire.WireMessage;
import dev.parlor.relay.admission.Caller;
import dev.parlor.relay.document.Peer;
import dev.parlor.relay.document.StepExecutor;
import java.io.IOException;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** A simulated client on the test's thread: a replica that is connected to at most one node. */
final class SimClient implements AutoCloseable {

  private static final StepExecutor SAME_THREAD =
      new StepExecutor() {
        @Override
        public void later(Runnable step) {
          step.run();
        }

        @Override
        public void drained() {}
      };

  /** A connection with the frames that the node sent and the client has not read. */
  private static final class Connection implements Peer {
    final PeerId id;
    final Caller caller;
    final ArrayDeque<Bytes> queued = new ArrayDeque<>();
    final ArrayDeque<Bytes> sent = new ArrayDeque<>();
    @Nullable String closeReason;

    Connection(PeerId id, Caller caller) {
      this.id = id;
      this.caller = caller;
    }

    @Override
    public PeerId id() {
      return id;
    }

    @Override
    public Caller caller() {
      return caller;
    }

    @Override
    public synchronized boolean offer(Bytes shared, Bytes own) {
      queued.add(Bytes.concat(List.of(shared, own)));
      return closeReason == null;
    }

    @Override
    public boolean offerEphemeral(Bytes shared, Bytes own, PeerId author) {
      return offer(shared, own);
    }

    @Override
    public synchronized void flush() {
      sent.addAll(queued);
      queued.clear();
    }

    @Override
    public synchronized int framesWaiting() {
      return queued.size();
    }

    @Override
    public synchronized boolean refuse(DocumentId document, int code, String rule, String reason) {
      closeReason = code + " [" + rule + "] " + reason;
      return false;
    }

    @Override
    public void ignoreChanges(DocumentId document) {}

    @Override
    public synchronized void close(int code, String rule, String reason) {
      closeReason = code + " [" + rule + "] " + reason;
    }

    synchronized @Nullable Bytes next() {
      return sent.poll();
    }
  }

  final PeerId id;
  final Replica replica;
  final ChangeGraph graph = new ChangeGraph();

  /** The client's own changes that a node has acknowledged. */
  final Set<ChangeHash> acknowledged = new HashSet<>();

  /** The ephemeral messages that the client received. */
  final List<Bytes> ephemerals = new ArrayList<>();

  private final Caller caller;
  private final Set<ChangeHash> ownChanges = new HashSet<>();
  private final SyncEncoder encoder = new SyncEncoder(graph);
  private final PendingChanges pending = new PendingChanges();
  private PeerSync sync = new PeerSync(graph);
  private @Nullable Connection connection;
  private @Nullable SimNode node;
  private long ephemeralCount;

  SimClient(String name, Caller caller) {
    this.id = new PeerId(name);
    this.caller = caller;
    this.replica =
        Replica.create(new ActorId(Bytes.utf8((name + " ".repeat(16)).substring(0, 16))));
  }

  void connect(SimNode to) {
    disconnect();
    node = to;
    connection = new Connection(id, caller);
    sync = new PeerSync(graph);
    sync.initiate();
    sendSync();
  }

  void disconnect() {
    if (node != null && connection != null) {
      node.handle().leave(connection, true);
    }
    node = null;
    connection = null;
  }

  boolean isConnectedTo(SimNode other) {
    return other == node;
  }

  /** The reason why the node closed the connection, or null. */
  @Nullable String refusal() {
    return connection == null ? null : connection.closeReason;
  }

  ChangeHash edit(Edit... edits) {
    var chunk = replica.transact(List.of(edits)).orElseThrow();
    var hash = addOwn(chunk);
    ownChanges.add(hash);
    if (!sync.hasReceived()) {
      sync.initiate(); // the node has not answered: the document had no content
    }
    sendSync();
    return hash;
  }

  /**
   * Applies received changes. Changes wait if a dependency is missing, which a false positive of a
   * Bloom filter can cause [SY7].
   */
  private void apply(List<Bytes> chunks) {
    for (var chunk : chunks) {
      var ready = new ArrayDeque<ChangeChunk>();
      ready.add(ChangeCodec.decode(chunk, FormatLimits.DEFAULT).orElseThrow());
      while (!ready.isEmpty()) {
        var change = ready.remove();
        switch (graph.offer(change)) {
          case Offer.Added _ -> {
            replica.apply(List.of(change.plain()));
            ready.addAll(pending.release(change.hash()));
          }
          case Offer.MissingDependencies missing -> pending.hold(id, change, missing);
          case Offer.Duplicate _ -> {}
          case Offer.Rejected rejected -> throw new AssertionError(rejected);
        }
      }
    }
  }

  /** Sends an ephemeral message. */
  void sendEphemeral(String text) {
    if (node != null && connection != null) {
      var message =
          new WireMessage.Ephemeral(
              id,
              id,
              node.document(),
              new SessionId("run-" + id),
              ++ephemeralCount,
              Bytes.utf8(text));
      node.handle().receiveEphemeral(connection, message, SAME_THREAD);
    }
  }

  /** Reads one frame and returns false if there is none. */
  boolean read() throws IOException {
    if (connection == null || node == null) {
      return false;
    }
    var frame = connection.next();
    if (frame == null) {
      return false;
    }
    switch (WireCodec.decode(frame).orElseThrow()) {
      case WireMessage.Sync received -> {
        var message = SyncMessageCodec.decode(received.data(), SyncLimits.DEFAULT).orElseThrow();
        apply(message.changes());
        recordAcknowledged(message, node.onDisk());
        sync.received(message);
        sendSync();
      }
      case WireMessage.Ephemeral message -> ephemerals.add(message.data());
      default -> {}
    }
    return true;
  }

  /** The content of the replica. */
  Value root() {
    return replica.root();
  }

  @Override
  public void close() {
    disconnect();
    replica.close();
  }

  /**
   * Records the client's own changes that the node's heads cover, and checks that they are on the
   * node's disk [DU1].
   */
  private void recordAcknowledged(SyncMessage message, Set<ChangeHash> onDisk) {
    var notCovered = new HashSet<ChangeHash>();
    for (var position : graph.since(message.heads())) {
      notCovered.add(graph.hashAt(position));
    }
    for (var hash : ownChanges) {
      if (!notCovered.contains(hash)) {
        assertTrue(onDisk.contains(hash), "a change was acknowledged that is not on disk");
        acknowledged.add(hash);
      }
    }
  }

  private ChangeHash addOwn(Bytes chunk) {
    var change = ChangeCodec.decode(chunk, FormatLimits.DEFAULT).orElseThrow();
    assertInstanceOf(Offer.Added.class, graph.offer(change));
    return change.hash();
  }

  private void sendSync() {
    if (node == null || connection == null) {
      return;
    }
    var data = sync.next(encoder, pending.missing(id));
    if (data.isPresent()) {
      node.receive(connection, data.get(), SAME_THREAD);
    }
  }
}
