package dev.parlor.crdt.wire;

import dev.parlor.crdt.identity.Bytes;
import dev.parlor.crdt.identity.DocumentId;
import dev.parlor.crdt.identity.PeerId;
import dev.parlor.crdt.identity.SessionId;
import dev.parlor.crdt.identity.StorageId;
import java.util.List;
import java.util.Map;

/**
 * One message of the automerge-repo network protocol, version 1, as it stands in one binary
 * WebSocket frame. Field names on the wire are the component names here, except where said.
 */
public sealed interface WireMessage {

  /** The sender; for {@link Ephemeral} the author, who need not be the neighbour it came from. */
  PeerId senderId();

  /** Messages that go to one peer. */
  sealed interface Directed extends WireMessage {
    PeerId targetId();
  }

  /** Messages about one document. */
  sealed interface OfDocument extends Directed {
    DocumentId documentId();
  }

  /**
   * A client's first message.
   *
   * @param metadata {@code peerMetadata}
   * @param versions {@code supportedProtocolVersions}; "1" when the client named none [HS2]
   */
  record Join(PeerId senderId, PeerMetadata metadata, List<String> versions)
      implements WireMessage {
    public Join {
      versions = List.copyOf(versions);
    }
  }

  /**
   * The server's answer to {@link Join}.
   *
   * @param metadata {@code peerMetadata} [HS6]
   * @param version {@code selectedProtocolVersion}
   */
  record PeerMessage(PeerId senderId, PeerId targetId, PeerMetadata metadata, String version)
      implements Directed {}

  /** Why the sender closes the connection; nothing follows it. */
  record ErrorMessage(PeerId senderId, PeerId targetId, String message) implements Directed {}

  /** A first sync message of someone who has nothing of the document. */
  record Request(PeerId senderId, PeerId targetId, DocumentId documentId, Bytes data)
      implements OfDocument {}

  /** An Automerge sync message. */
  record Sync(PeerId senderId, PeerId targetId, DocumentId documentId, Bytes data)
      implements OfDocument {}

  /** The sender has nothing of the document and knows nobody who has. */
  record DocUnavailable(PeerId senderId, PeerId targetId, DocumentId documentId)
      implements OfDocument {}

  /**
   * A message that is passed on and not kept.
   *
   * @param sessionId the author's run; with the author's id it is the space that {@code count}
   *     counts in
   * @param count grows with every message of a session [EP2]
   * @param data opaque to relays; CBOR in practice
   */
  record Ephemeral(
      PeerId senderId,
      PeerId targetId,
      DocumentId documentId,
      SessionId sessionId,
      long count,
      Bytes data)
      implements OfDocument {}

  /** The sender wants to hear, or hear no more, of heads that these storages have. */
  record RemoteSubscriptionChange(
      PeerId senderId, PeerId targetId, List<StorageId> add, List<StorageId> remove)
      implements Directed {
    public RemoteSubscriptionChange {
      add = List.copyOf(add);
      remove = List.copyOf(remove);
    }
  }

  /** Which heads other storages have, as far as the sender knows. */
  record RemoteHeadsChanged(
      PeerId senderId, PeerId targetId, DocumentId documentId, Map<StorageId, StoredHeads> newHeads)
      implements OfDocument {
    public RemoteHeadsChanged {
      newHeads = Map.copyOf(newHeads);
    }
  }

  /**
   * Heads in a storage.
   *
   * @param heads hashes in bs58check, as automerge-repo writes them here
   * @param timestamp milliseconds since 1970 by the clock of whoever saw them
   */
  record StoredHeads(List<String> heads, long timestamp) {
    public StoredHeads {
      heads = List.copyOf(heads);
    }
  }

  /**
   * The sender asks whether the connection works; scripts in browsers see no pings of WebSockets.
   *
   * @param count comes back in the {@link Pong} [LV1]
   */
  record Ping(PeerId senderId, long count) implements WireMessage {}

  /**
   * The answer to a {@link Ping}.
   *
   * @param count that of the ping
   */
  record Pong(PeerId senderId, PeerId targetId, long count) implements Directed {}

  /** The sender goes; advisory, closing the socket says the same. */
  record Leave(PeerId senderId) implements WireMessage {}

  /** A type that this version does not know; well formed and to be ignored. */
  record Unknown(PeerId senderId, String type) implements WireMessage {}
}
