package dev.parlor.server.hostile;

import dev.parlor.crdt.format.ChangeCodec;
import dev.parlor.crdt.format.FormatLimits;
import dev.parlor.crdt.identity.ActorId;
import dev.parlor.crdt.identity.Bytes;
import dev.parlor.crdt.identity.ChangeHash;
import dev.parlor.crdt.identity.DocumentId;
import dev.parlor.crdt.identity.PeerId;
import dev.parlor.crdt.replica.Edit;
import dev.parlor.crdt.replica.Path;
import dev.parlor.crdt.replica.Replica;
import dev.parlor.crdt.replica.Value;
import dev.parlor.crdt.sync.BloomFilter;
import dev.parlor.crdt.sync.SyncLimits;
import dev.parlor.crdt.sync.SyncMessage;
import dev.parlor.crdt.sync.SyncMessageCodec;
import dev.parlor.crdt.wire.WireMessage;
import dev.parlor.relay.socket.RawClient;
import java.io.IOException;
import java.util.List;
import java.util.Optional;
import java.util.TreeSet;
import java.util.concurrent.TimeUnit;

/**
 * One honest client. Its changes depend only on its own earlier changes, so that it need not keep
 * the document. It acknowledges received changes, as a real client does. The crowd's clock thread
 * makes edits, and the client's reader thread takes messages; this object is their lock.
 */
final class HonestClient {

  /** After this time without an acknowledgement, the client counts as hanging. */
  private static final int HANG_SECONDS = 30;

  private final RawClient client;
  private final DocumentId document;
  private final Replica replica;
  private List<ChangeHash> told = List.of();
  private Optional<ChangeHash> before = Optional.empty();
  private Optional<ChangeHash> own = Optional.empty();
  private int edits;
  private long begin;

  HonestClient(RawClient client, DocumentId document, ActorId actor) throws IOException {
    this.client = client;
    this.document = document;
    this.replica = Replica.create(actor);
    client.send(message(List.of()));
  }

  /** Makes a change if the previous change is acknowledged. */
  synchronized void edit() throws IOException {
    if (begin != 0) {
      return;
    }
    var key = Path.of(client.id().value());
    var change = replica.transact(List.of(new Edit.Put(key, new Value.Int(++edits)))).orElseThrow();
    before = own;
    own = Optional.of(ChangeCodec.decode(change, FormatLimits.DEFAULT).orElseThrow().hash());
    begin = System.nanoTime();
    client.send(message(List.of(change)));
  }

  WireMessage read() throws IOException {
    return client.message();
  }

  /**
   * Handles a received message. Returns the latency of the change that this message acknowledges,
   * if any.
   */
  synchronized Optional<Long> take(WireMessage.Sync sync) throws IOException {
    var message = SyncMessageCodec.decode(sync.data(), SyncLimits.DEFAULT).orElseThrow();
    told = message.heads();
    if (!message.changes().isEmpty()) {
      client.send(message(List.of()));
    }
    if (begin == 0 || !told.contains(own.orElseThrow())) {
      return Optional.empty();
    }
    var took = System.nanoTime() - begin;
    begin = 0;
    notifyAll();
    return Optional.of(took);
  }

  String name() {
    return client.id().value();
  }

  /** The number of changes that it has made. */
  synchronized int edits() {
    return edits;
  }

  /** The last change that it has made. */
  synchronized ChangeHash last() {
    return own.orElseThrow();
  }

  /** Waits for the acknowledgement of its n-th change; returns false if none comes. */
  synchronized boolean awaitAcknowledged(int number) throws InterruptedException {
    var end = System.nanoTime() + TimeUnit.SECONDS.toNanos(HANG_SECONDS);
    while (edits == number && begin != 0) {
      var left = TimeUnit.NANOSECONDS.toMillis(end - System.nanoTime());
      if (left <= 0) {
        return false;
      }
      wait(left);
    }
    return true;
  }

  synchronized void end() throws IOException {
    client.disconnect(false);
    replica.close();
  }

  private WireMessage.Sync message(List<Bytes> changes) {
    // The server's heads, with our last change in place of the one before it.
    var heads = new TreeSet<>(told);
    before.ifPresent(heads::remove);
    own.ifPresent(heads::add);
    return new WireMessage.Sync(
        client.id(), new PeerId("server"), document, data(List.copyOf(heads), changes));
  }

  /** A sync message of a peer with these heads. */
  static Bytes data(List<ChangeHash> heads, List<Bytes> changes) {
    return SyncMessageCodec.encode(
        new SyncMessage(
            SyncMessage.Kind.CHANGES,
            heads,
            List.of(),
            List.of(new SyncMessage.Have(heads, BloomFilter.EMPTY)),
            changes,
            null));
  }
}
