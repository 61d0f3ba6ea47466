package dev.parlor.bench.conformance;

import dev.parlor.crdt.format.ChangeCodec;
import dev.parlor.crdt.format.FormatLimits;
import dev.parlor.crdt.graph.ChangeGraph;
import dev.parlor.crdt.graph.Offer;
import dev.parlor.crdt.identity.ActorId;
import dev.parlor.crdt.identity.Bytes;
import dev.parlor.crdt.identity.ChangeHash;
import dev.parlor.crdt.identity.Decoding;
import dev.parlor.crdt.identity.DocumentId;
import dev.parlor.crdt.replica.Edit;
import dev.parlor.crdt.replica.Path;
import dev.parlor.crdt.replica.Replica;
import dev.parlor.crdt.replica.Value;
import dev.parlor.crdt.sync.PeerSync;
import dev.parlor.crdt.sync.SyncEncoder;
import dev.parlor.crdt.sync.SyncMessage;
import dev.parlor.crdt.wire.WireMessage;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/** One peer's copy of a document: makes real changes and syncs them. Used by one thread. */
final class Doc implements AutoCloseable {

  final ConformancePeer peer;
  final DocumentId id;
  private final Replica replica;
  private final ChangeGraph graph = new ChangeGraph();
  private final PeerSync sync = new PeerSync(graph);
  private final SyncEncoder encoder = new SyncEncoder(graph);
  private final List<Bytes> made = new ArrayList<>();
  private int edits;

  Doc(ConformancePeer peer, DocumentId id) {
    this.peer = peer;
    this.id = id;
    this.replica = Replica.create(actor(peer.id + "/" + id));
  }

  private static ActorId actor(String name) {
    try {
      var digest = MessageDigest.getInstance("SHA-256").digest(Bytes.utf8(name).toArray());
      return new ActorId(Bytes.wrap(Arrays.copyOf(digest, 16)));
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java platform has SHA-256", e);
    }
  }

  // Making changes.

  /** Makes a change without sending it. */
  Bytes make() {
    edits++;
    return make(new Edit.Put(Path.of(peer.id + "/" + edits), new Value.Int(edits)));
  }

  /** Makes a change that sets a field to these bytes, without sending it. */
  Bytes make(Bytes blob) {
    edits++;
    return make(new Edit.Put(Path.of("blob"), new Value.Blob(blob)));
  }

  Bytes make(Edit edit) {
    var change = replica.transact(List.of(edit)).orElseThrow();
    add(change);
    made.add(change);
    return change;
  }

  /** The changes made by this peer, in order. */
  List<Bytes> made() {
    return List.copyOf(made);
  }

  /** As {@link #made}, as an array. */
  Bytes[] madeChanges() {
    return made.toArray(Bytes[]::new);
  }

  /** Makes a change and sends it. */
  ChangeHash edit() {
    return hash(sendMade(make()));
  }

  ChangeHash edit(Bytes blob) {
    return hash(sendMade(make(blob)));
  }

  private Bytes sendMade(Bytes change) {
    sendNext();
    return change;
  }

  static ChangeHash hash(Bytes change) {
    return ChangeCodec.decode(change, FormatLimits.DEFAULT).orElseThrow().hash();
  }

  List<ChangeHash> heads() {
    return graph.heads();
  }

  /** The author of the document's first change. */
  ActorId firstActor() {
    return ChangeCodec.decode(graph.chunkAt(0), FormatLimits.DEFAULT).orElseThrow().actor();
  }

  boolean has(ChangeHash hash) {
    return graph.contains(hash);
  }

  int size() {
    return graph.size();
  }

  // Sync.

  /** Sends the next sync message, if there is any. The first message requests the document. */
  void sendNext() {
    if (!sync.hasReceived()) {
      sync.initiate();
    }
    var next = sync.next(encoder, List.of());
    if (next.isPresent()) {
      peer.send(
          graph.isEmpty()
              ? new WireMessage.Request(peer.id, peer.server(), id, next.get())
              : new WireMessage.Sync(peer.id, peer.server(), id, next.get()));
    }
  }

  /** Receives one message, applies it and answers it. */
  WireMessage receive() {
    var message = peer.next();
    handle(message);
    return message;
  }

  /** Applies a received message to this copy and answers it. */
  void handle(WireMessage message) {
    if (message instanceof WireMessage.Sync incoming && incoming.documentId().equals(id)) {
      apply(ConformancePeer.decode(incoming));
      sendNext();
    }
  }

  private void apply(SyncMessage message) {
    var newChanges = new ArrayList<Bytes>();
    for (var change : changesOf(message)) {
      if (add(change)) {
        newChanges.add(change);
      }
    }
    replica.apply(newChanges);
    sync.received(message);
  }

  /** Receives messages until the server has sent the heads of this copy. */
  Doc awaitSaved() {
    receiveWhile(
        () -> !sync.peerHeads().equals(graph.heads()), "a message with the heads of the client");
    return this;
  }

  /** Receives messages until this change has arrived. */
  Doc awaitChange(ChangeHash hash) {
    receiveWhile(() -> !graph.contains(hash), "the change " + hash);
    return this;
  }

  private void receiveWhile(java.util.function.BooleanSupplier condition, String expected) {
    var last = Optional.<WireMessage>empty();
    try {
      while (condition.getAsBoolean()) {
        last = Optional.of(receive());
      }
    } catch (Finding finding) {
      throw new Finding(
          expected, finding.seen() + last.map(m -> ", after " + Description.of(m)).orElse(""));
    }
  }

  /** Requests the document and receives messages until this change has arrived. */
  Doc openAndAwait(ChangeHash hash) {
    sendNext();
    return awaitChange(hash);
  }

  /** The chunks of a message as received. A blob of changes is split into chunks. */
  static List<Bytes> chunksOf(SyncMessage message) {
    var all = new ArrayList<Bytes>();
    for (var blob : message.changes()) {
      switch (ChangeCodec.split(blob, FormatLimits.DEFAULT)) {
        case Decoding.Decoded<List<Bytes>>(var chunks) -> all.addAll(chunks);
        case Decoding.Malformed<List<Bytes>> _ -> all.add(blob);
      }
    }
    return all;
  }

  /** The changes of a message of either type. A document chunk is expanded. */
  static List<Bytes> changesOf(SyncMessage message) {
    if (message.kind() == SyncMessage.Kind.CHANGES) {
      return message.changes();
    }
    var all = new ArrayList<Bytes>();
    for (var blob : message.changes()) {
      if (!blob.isEmpty()) {
        all.addAll(
            switch (ChangeCodec.split(blob, FormatLimits.DEFAULT)) {
              case Decoding.Decoded<List<Bytes>>(var chunks) -> chunks;
              case Decoding.Malformed<List<Bytes>> _ ->
                  dev.parlor.crdt.replica.Snapshots.expand(blob);
            });
      }
    }
    return all;
  }

  private boolean add(Bytes chunk) {
    return switch (ChangeCodec.decode(chunk, FormatLimits.DEFAULT)) {
      case Decoding.Malformed<?>(var _, var reason) ->
          throw new Finding("changes that can be read", reason);
      case Decoding.Decoded<dev.parlor.crdt.format.ChangeChunk>(var change) ->
          switch (graph.offer(change)) {
            case Offer.Added _ -> true;
            case Offer.Duplicate _ -> false;
            case Offer.MissingDependencies(var missing) ->
                throw new Finding(
                    "changes after their dependencies",
                    "a change before its dependency " + missing);
            case Offer.Rejected(var _, var reason) ->
                throw new Finding("changes that the change graph accepts", reason);
          };
    };
  }

  @Override
  public void close() {
    replica.close();
  }
}
