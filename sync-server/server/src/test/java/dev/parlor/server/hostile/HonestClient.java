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
 * An honest client. Its changes depend only on its own earlier changes, so that it need not keep
 * the whole document. It acknowledges received changes, as a real client does. One thread makes the
 * edits of all clients, and a thread of this client receives messages. They share this object's
 * lock.
 */
final class HonestClient {

  /** After this time without an acknowledgement, the test fails. */
  private static final int ACKNOWLEDGEMENT_SECONDS_MAX = 30;

  private final RawClient client;
  private final DocumentId document;
  private final Replica replica;
  private List<ChangeHash> serverHeads = List.of();
  private Optional<ChangeHash> previousChange = Optional.empty();
  private Optional<ChangeHash> lastChange = Optional.empty();
  private int edits;
  private long sentNanos;

  HonestClient(RawClient client, DocumentId document, ActorId actor) throws IOException {
    this.client = client;
    this.document = document;
    this.replica = Replica.create(actor);
    client.send(syncMessage(List.of()));
  }

  /** Makes a change, unless an earlier change waits for its acknowledgement. */
  synchronized void edit() throws IOException {
    if (sentNanos != 0) {
      return;
    }
    var key = Path.of(client.id().value());
    var change = replica.transact(List.of(new Edit.Put(key, new Value.Int(++edits)))).orElseThrow();
    previousChange = lastChange;
    lastChange = Optional.of(ChangeCodec.decode(change, FormatLimits.DEFAULT).orElseThrow().hash());
    sentNanos = System.nanoTime();
    client.send(syncMessage(List.of(change)));
  }

  WireMessage read() throws IOException {
    return client.message();
  }

  /**
   * Handles a received message.
   *
   * @return the latency in nanoseconds of the change that this message acknowledges; empty if it
   *     acknowledges no change
   */
  synchronized Optional<Long> receive(WireMessage.Sync sync) throws IOException {
    var message = SyncMessageCodec.decode(sync.data(), SyncLimits.DEFAULT).orElseThrow();
    serverHeads = message.heads();
    if (!message.changes().isEmpty()) {
      client.send(syncMessage(List.of()));
    }
    if (sentNanos == 0 || !serverHeads.contains(lastChange.orElseThrow())) {
      return Optional.empty();
    }
    var latencyNanos = System.nanoTime() - sentNanos;
    sentNanos = 0;
    notifyAll();
    return Optional.of(latencyNanos);
  }

  String name() {
    return client.id().value();
  }

  /** The number of changes that this client has made. */
  synchronized int edits() {
    return edits;
  }

  /** The last change that this client has made. */
  synchronized ChangeHash lastChange() {
    return lastChange.orElseThrow();
  }

  /**
   * Waits for the acknowledgement of a change.
   *
   * @param number the change's number; 1 is this client's first change
   * @return false if no acknowledgement arrives in time
   */
  synchronized boolean awaitAcknowledged(int number) throws InterruptedException {
    var close = System.nanoTime() + TimeUnit.SECONDS.toNanos(ACKNOWLEDGEMENT_SECONDS_MAX);
    while (edits == number && sentNanos != 0) {
      var remainingMillis = TimeUnit.NANOSECONDS.toMillis(close - System.nanoTime());
      if (remainingMillis <= 0) {
        return false;
      }
      wait(remainingMillis);
    }
    return true;
  }

  synchronized void close() throws IOException {
    client.disconnect(false);
    replica.close();
  }

  private WireMessage.Sync syncMessage(List<Bytes> changes) {
    // The server's heads, with the client's last change in place of its previous change.
    var heads = new TreeSet<>(serverHeads);
    previousChange.ifPresent(heads::remove);
    lastChange.ifPresent(heads::add);
    return new WireMessage.Sync(
        client.id(), new PeerId("server"), document, syncData(List.copyOf(heads), changes));
  }

  /** The data of a sync message from a peer with these heads. */
  static Bytes syncData(List<ChangeHash> heads, List<Bytes> changes) {
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
