package dev.parlor.crdt.wire;

import dev.parlor.crdt.identity.Bytes;
import dev.parlor.crdt.identity.DocumentId;
import dev.parlor.crdt.identity.PeerId;
import dev.parlor.crdt.identity.SessionId;
import dev.parlor.crdt.identity.StorageId;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * One message of the automerge-repo network protocol, version 1: the content of one binary
 * WebSocket frame. A field has the name of the record component on the wire, unless stated
 * otherwise.
 */
public sealed interface WireMessage {

  /**
   * The sender; for {@link Ephemeral} the author, which may differ from the peer that forwarded it.
   */
  PeerId senderId();

  /** A message to one peer. */
  sealed interface Directed extends WireMessage {
    PeerId targetId();
  }

  /** A message about one document. */
  sealed interface OfDocument extends Directed {
    DocumentId documentId();
  }

  /**
   * A client's first message.
   *
   * @param metadata {@code peerMetadata}
   * @param versions {@code supportedProtocolVersions}; "1" if the client sent none [HS2]
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

  /**
   * The reason why the sender refuses a change or closes the connection.
   *
   * @param message begins with the rule's id in brackets
   * @param documentId the document of the refused change, whose connection stays open; null if the
   *     sender closes the connection after this message
   */
  record ErrorMessage(
      PeerId senderId, PeerId targetId, String message, @Nullable DocumentId documentId)
      implements Directed {

    /** Creates the last message before the sender closes the connection. */
    public ErrorMessage(PeerId senderId, PeerId targetId, String message) {
      this(senderId, targetId, message, null);
    }
  }

  /** The first sync message of a peer without any change of the document. */
  record Request(PeerId senderId, PeerId targetId, DocumentId documentId, Bytes data)
      implements OfDocument {}

  /** An Automerge sync message. */
  record Sync(PeerId senderId, PeerId targetId, DocumentId documentId, Bytes data)
      implements OfDocument {}

  /** The sender does not have the document and knows no peer that has it. */
  record DocUnavailable(PeerId senderId, PeerId targetId, DocumentId documentId)
      implements OfDocument {}

  /**
   * A message that is forwarded and not stored.
   *
   * @param sessionId the author's session
   * @param count grows with every message of the author in this session [EP2]
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

  /** The sender subscribes to, or unsubscribes from, the heads of these storages. */
  record RemoteSubscriptionChange(
      PeerId senderId, PeerId targetId, List<StorageId> add, List<StorageId> remove)
      implements Directed {
    public RemoteSubscriptionChange {
      add = List.copyOf(add);
      remove = List.copyOf(remove);
    }
  }

  /** The heads of other storages, as known to the sender. */
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
   * @param heads change hashes in bs58check
   * @param timestamp milliseconds since 1970, by the clock of the observing peer
   */
  record StoredHeads(List<String> heads, long timestamp) {
    public StoredHeads {
      heads = List.copyOf(heads);
    }
  }

  /**
   * The sender checks whether the connection works. A script in a browser cannot send WebSocket
   * pings, so this message replaces them.
   *
   * @param count repeated in the {@link Pong} [LV1]
   */
  record Ping(PeerId senderId, long count) implements WireMessage {}

  /**
   * The answer to a {@link Ping}.
   *
   * @param count the count of the ping
   */
  record Pong(PeerId senderId, PeerId targetId, long count) implements Directed {}

  /** The sender leaves. The message is optional: closing the socket means the same. */
  record Leave(PeerId senderId) implements WireMessage {}

  /** A well-formed message of an unknown type; receivers ignore it. */
  record Unknown(PeerId senderId, String type) implements WireMessage {}
}
