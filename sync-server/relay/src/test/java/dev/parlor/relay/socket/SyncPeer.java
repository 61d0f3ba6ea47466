package dev.parlor.relay.socket;

import dev.parlor.crdt.format.ChangeChunk;
import dev.parlor.crdt.format.ChangeCodec;
import dev.parlor.crdt.format.FormatLimits;
import dev.parlor.crdt.graph.ChangeGraph;
import dev.parlor.crdt.graph.Offer;
import dev.parlor.crdt.identity.ActorId;
import dev.parlor.crdt.identity.Bytes;
import dev.parlor.crdt.identity.ChangeHash;
import dev.parlor.crdt.identity.DocumentId;
import dev.parlor.crdt.identity.SessionId;
import dev.parlor.crdt.replica.Edit;
import dev.parlor.crdt.replica.Path;
import dev.parlor.crdt.replica.Replica;
import dev.parlor.crdt.replica.Value;
import dev.parlor.crdt.sync.PeerSync;
import dev.parlor.crdt.sync.SyncEncoder;
import dev.parlor.crdt.sync.SyncLimits;
import dev.parlor.crdt.sync.SyncMessage;
import dev.parlor.crdt.sync.SyncMessageCodec;
import dev.parlor.crdt.wire.WireMessage;
import java.io.IOException;
import java.net.URI;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;

/**
 * A client with one document: makes changes and syncs them over a {@link RawClient}. Only one
 * thread may use it.
 */
public final class SyncPeer implements AutoCloseable {

  private RawClient client;
  private final DocumentId document;
  private final Replica replica;
  private final ChangeGraph graph = new ChangeGraph();
  private PeerSync sync = new PeerSync(graph);
  private final SyncEncoder encoder = new SyncEncoder(graph);
  private final Random random = new Random(1);
  private boolean materializes = true;
  private int count;

  public SyncPeer(URI url, String peerId, DocumentId document) throws IOException {
    this(RawClient.join(url, peerId), document);
  }

  public SyncPeer(RawClient client, DocumentId document) {
    this.client = client;
    this.document = document;
    this.replica = Replica.create(actor(client.id().value()));
  }

  /** A document id derived from a seed. */
  public static DocumentId document(int seed) {
    var bytes = new byte[16];
    new Random(seed).nextBytes(bytes);
    return DocumentId.of(Bytes.wrap(bytes));
  }

  /**
   * A real change of an actor whose id is derived from the name: the actor's change with this
   * number.
   */
  public static Bytes change(String author, int changeNumber) {
    try (var replica = Replica.create(actor(author))) {
      var change = Bytes.EMPTY;
      for (var i = 1; i <= changeNumber; i++) {
        change = replica.transact(List.of(put(author + i, i))).orElseThrow();
      }
      return change;
    }
  }

  public RawClient client() {
    return client;
  }

  public List<ChangeHash> heads() {
    return graph.heads();
  }

  public int size() {
    return graph.size();
  }

  /** The author of the document's first change. */
  public ActorId firstActor() {
    return ChangeCodec.decode(graph.chunkAt(0), FormatLimits.DEFAULT).orElseThrow().actor();
  }

  /** Makes a change and sends it. */
  public ChangeHash edit() throws IOException {
    return edit(0);
  }

  /** Makes a change with this many random bytes and sends it. */
  public ChangeHash edit(int bytes) throws IOException {
    count++;
    var payload = new byte[bytes];
    random.nextBytes(payload);
    var edit =
        bytes == 0
            ? put(client.id().value() + count, count)
            : new Edit.Put(Path.of("payload"), new Value.Blob(Bytes.wrap(payload)));
    return edit(edit);
  }

  /** Makes a change with this many random bytes without sending it. */
  public Bytes createChange(int bytes) {
    var payload = new byte[bytes];
    random.nextBytes(payload);
    var edit = new Edit.Put(Path.of("payload"), new Value.Blob(Bytes.wrap(payload)));
    return replica.transact(List.of(edit)).orElseThrow();
  }

  /** Makes the given change and sends it. */
  public ChangeHash edit(Edit edit) throws IOException {
    var change = replica.transact(List.of(edit)).orElseThrow();
    var hash = add(change);
    sendSync();
    return hash;
  }

  /** Changes the title, which every player of a room may do, and sends the change. */
  public ChangeHash editTitle() throws IOException {
    count++;
    var edit = new Edit.Put(Path.of("title"), Value.text(client.id().value() + count));
    var hash = add(replica.transact(List.of(edit)).orElseThrow());
    sendSync();
    return hash;
  }

  /** Sends the next sync message; the first one is a request. */
  public void sendSync() throws IOException {
    if (!sync.hasReceived()) {
      sync.initiate();
    }
    var next = sync.next(encoder, List.of());
    if (next.isPresent()) {
      var id = client.id();
      client.send(
          graph.isEmpty()
              ? new WireMessage.Request(id, RelayFixture.SERVER, document, next.get())
              : new WireMessage.Sync(id, RelayFixture.SERVER, document, next.get()));
    }
  }

  /** Receives one message of the server and answers it. */
  public WireMessage receive() throws IOException {
    var message = client.message();
    if (message instanceof WireMessage.Sync(_, _, var documentId, var data)
        && documentId.equals(document)) {
      apply(SyncMessageCodec.decode(data, SyncLimits.DEFAULT).orElseThrow());
      sendSync();
    }
    return message;
  }

  /** Receives until the server has acknowledged all changes of this peer. */
  public void awaitCommitted() throws IOException {
    while (!sync.peerHeads().equals(graph.heads())) {
      receive();
    }
  }

  /** Receives until this change has arrived. */
  public void awaitChange(ChangeHash hash) throws IOException {
    while (!graph.contains(hash)) {
      receive();
    }
  }

  public List<ChangeHash> serverHeads() {
    return sync.peerHeads();
  }

  public WireMessage.Ephemeral ephemeral(long number, Bytes data) {
    return new WireMessage.Ephemeral(
        client.id(),
        RelayFixture.SERVER,
        document,
        new SessionId("session-of-" + client.id()),
        number,
        data);
  }

  /** The changes of a message of any kind. */
  public static List<Bytes> changesOf(SyncMessage message) {
    if (message.kind() == SyncMessage.Kind.CHANGES) {
      return message.changes();
    }
    var all = new ArrayList<Bytes>();
    for (var blob : message.changes()) {
      all.addAll(ChangeCodec.split(blob, FormatLimits.DEFAULT).orElseThrow());
    }
    return all;
  }

  /** Continues on a new connection with a new sync state. */
  public void moveTo(RawClient other) {
    client = other;
    sync = new PeerSync(graph);
  }

  /**
   * Keeps received changes only in the graph, so that it can receive documents that the bindings
   * need minutes for.
   */
  public SyncPeer graphOnly() {
    materializes = false;
    return this;
  }

  /**
   * Releases the document and returns the client. The connection stays open and is no longer read.
   */
  public RawClient detach() {
    replica.close();
    return client;
  }

  @Override
  public void close() throws IOException {
    replica.close();
    client.close();
  }

  private void apply(SyncMessage message) {
    for (var change : changesOf(message)) {
      add(change);
      if (materializes) {
        replica.apply(List.of(change));
      }
    }
    sync.received(message);
  }

  private ChangeHash add(Bytes chunk) {
    ChangeChunk change = ChangeCodec.decode(chunk, FormatLimits.DEFAULT).orElseThrow();
    if (graph.offer(change) instanceof Offer.MissingDependencies(var missing)) {
      throw new IllegalStateException("the server sent a change before " + missing);
    }
    return change.hash();
  }

  private static Edit put(String key, int value) {
    return new Edit.Put(Path.of(key), new Value.Int(value));
  }

  private static ActorId actor(String name) {
    return new ActorId(
        Bytes.wrap(
            ByteBuffer.allocate(16).putLong(name.hashCode()).putLong(name.length()).array()));
  }
}
