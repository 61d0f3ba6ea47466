package dev.parlor.bench.load;

import dev.parlor.crdt.identity.Bytes;
import dev.parlor.crdt.identity.ChangeHash;
import dev.parlor.crdt.identity.Decoding;
import dev.parlor.crdt.identity.DocumentId;
import dev.parlor.crdt.identity.PeerId;
import dev.parlor.crdt.identity.SessionId;
import dev.parlor.crdt.sync.BloomFilter;
import dev.parlor.crdt.sync.SyncMessage;
import dev.parlor.crdt.wire.PeerMetadata;
import dev.parlor.crdt.wire.WireCodec;
import dev.parlor.crdt.wire.WireMessage;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * An automerge-repo client that keeps no document. It joins; a subclass reads or writes. Owned by
 * the loop's thread.
 */
abstract class RepoClient extends Client {

  private static final PeerMetadata EPHEMERAL = new PeerMetadata(Optional.empty(), true);

  /**
   * The flags of Automerge 3.5: a list with one entry, which says that the client reads both types
   * of message.
   */
  static final Bytes FLAGS = Bytes.wrap(new byte[] {0x02, (byte) 0x84});

  final PeerId id;
  final DocumentId document;
  private final SyncMessageCache syncMessages;
  private @Nullable PeerId server;
  private boolean countsOnly;
  private long messagesCounted;

  RepoClient(
      Loop loop,
      int port,
      String path,
      String name,
      DocumentId document,
      SyncMessageCache syncMessages) {
    super(loop, port, path, name);
    this.id = new PeerId(name);
    this.document = document;
    this.syncMessages = syncMessages;
  }

  /** The server answered the join; sync may begin. */
  abstract void joinAccepted();

  /** A sync message of the document arrived at {@code nanoTime}. */
  abstract void syncReceived(SyncMessage message, long nanoTime);

  @Override
  public final void opened() {
    send(
        WireCodec.encode(new WireMessage.Join(id, EPHEMERAL, List.of(WireCodec.VERSION)))
            .toArray());
  }

  @Override
  public final void message(byte[] message) {
    if (countsOnly) {
      messagesCounted++;
      return;
    }
    var now = System.nanoTime();
    switch (WireCodec.decode(Bytes.wrap(message))) {
      case Decoding.Decoded<WireMessage>(WireMessage.PeerMessage peer) -> {
        server = peer.senderId();
        setJoined(true);
        joinAccepted();
      }
      case Decoding.Decoded<WireMessage>(WireMessage.Sync sync) -> {
        switch (syncMessages.decode(sync.data())) {
          case Decoding.Decoded<SyncMessage>(var inner) -> syncReceived(inner, now);
          case Decoding.Malformed<SyncMessage>(var rule, var reason) -> fail(rule + " " + reason);
        }
      }
      case Decoding.Decoded<WireMessage>(WireMessage.ErrorMessage error) -> fail(error.message());
      case Decoding.Decoded<WireMessage>(var _) -> {}
      case Decoding.Malformed<WireMessage>(var rule, var reason) -> fail(rule + " " + reason);
    }
  }

  /** From now on received messages are counted and not decoded. */
  final void countOnly() {
    countsOnly = true;
  }

  final long messagesCounted() {
    return messagesCounted;
  }

  /** Sends an ephemeral message for the document. */
  final void sendEphemeral(SessionId session, long count, Bytes data) {
    send(
        WireCodec.encode(new WireMessage.Ephemeral(id, server(), document, session, count, data))
            .toArray());
  }

  private PeerId server() {
    if (server == null) {
      throw new IllegalStateException(name + " has not joined");
    }
    return server;
  }

  /** Sends a sync message for the document. */
  final void sync(Bytes data) {
    send(WireCodec.encode(new WireMessage.Sync(id, server(), document, data)).toArray());
  }

  /** Sends the first sync message of a client that lacks the document. */
  final void request(Bytes data) {
    send(WireCodec.encode(new WireMessage.Request(id, server(), document, data)).toArray());
  }

  /**
   * The sync message of an Automerge 3 client at these heads without new changes. Its flags say
   * that it accepts both types of message. A new client sends type 42, and type 43 after the first
   * message of the server.
   */
  static SyncMessage at(SyncMessage.Kind kind, List<ChangeHash> heads) {
    return new SyncMessage(
        kind,
        heads,
        List.of(),
        List.of(new SyncMessage.Have(heads, BloomFilter.EMPTY)),
        List.of(),
        FLAGS);
  }
}
