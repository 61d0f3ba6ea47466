package dev.parlor.crdt.wire;

import dev.parlor.crdt.identity.Bytes;
import dev.parlor.crdt.identity.Decoding;
import dev.parlor.crdt.identity.DocumentId;
import dev.parlor.crdt.identity.PeerId;
import dev.parlor.crdt.identity.SessionId;
import dev.parlor.crdt.identity.StorageId;
import dev.parlor.crdt.wire.WireMessage.StoredHeads;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Decodes the frames of one connection; used by one thread. It caches ids, because checking the two
 * hashes of a document id would be most of the work for a frame. It also caches the last sync
 * message: the next sync message usually differs only in the bytes of {@code data}, and then no
 * CBOR item is read.
 *
 * <p>A frame that is not one CBOR map is refused under WS1, a wrong or missing field under WS2,
 * empty {@code data} under WS3, a wrong document id under HS7.
 */
public final class WireDecoder {

  /** The maximum length of a peer, session or storage id in UTF-16 units [WS2]. */
  public static final int ID_LENGTH_MAX = 256;

  private static final int CACHED_IDS_MAX = 256;

  /** A longer frame is not cached, to save memory. */
  private static final int CACHED_FRAME_BYTES_MAX = 512;

  private final CborReader.TextCache texts = new CborReader.TextCache();
  private final Map<String, DocumentId> documents = new HashMap<>();
  private final Map<String, PeerId> peers = new HashMap<>();

  /** A decoded sync message, its frame, and the position of {@code data} in the frame. */
  private record CachedSync(Bytes frame, int dataOffset, WireMessage.Sync message) {
    /** Whether another frame has the same length and the same bytes outside {@code data}. */
    boolean differsOnlyInData(Bytes other) {
      var dataEnd = dataOffset + message.data().length();
      return other.length() == frame.length()
          && other.matches(0, frame, 0, dataOffset)
          && other.matches(dataEnd, frame, dataEnd, frame.length() - dataEnd);
    }

    WireMessage.Sync withDataOf(Bytes other) {
      return new WireMessage.Sync(
          message.senderId(),
          message.targetId(),
          message.documentId(),
          other.slice(dataOffset, message.data().length()));
    }
  }

  private @Nullable CachedSync cachedSync;

  /** Decodes one frame. The message's {@code data} shares the frame's array. */
  public Decoding<WireMessage> decode(Bytes frame) {
    var last = cachedSync;
    if (last != null && last.differsOnlyInData(frame)) {
      return Decoding.of(last.withDataOf(frame));
    }
    try {
      var fields = new Fields(new CborReader(frame, texts));
      var message = fields.message();
      if (message instanceof WireMessage.Sync sync && frame.length() <= CACHED_FRAME_BYTES_MAX) {
        cachedSync = new CachedSync(frame, fields.dataOffset, sync);
      }
      return Decoding.of(message);
    } catch (CborException e) {
      return Decoding.malformed(e.rule(), e.reason());
    }
  }

  private DocumentId document(String text) {
    var cached = documents.get(text);
    if (cached != null) {
      return cached;
    }
    return switch (DocumentId.parse(text)) {
      case Decoding.Decoded<DocumentId>(var id) -> cache(documents, text, id);
      case Decoding.Malformed<DocumentId>(var rule, var reason) ->
          throw new CborException(rule, reason);
    };
  }

  private PeerId peer(String text) {
    var cached = peers.get(text);
    return cached != null ? cached : cache(peers, text, new PeerId(checkId(text)));
  }

  private static String checkId(String text) {
    if (text.isEmpty() || text.length() > ID_LENGTH_MAX) {
      throw new CborException("WS2", "an id has 1 to " + ID_LENGTH_MAX + " characters");
    }
    return text;
  }

  private static <T> T cache(Map<String, T> ids, String text, T id) {
    if (ids.size() >= CACHED_IDS_MAX) {
      ids.clear();
    }
    ids.put(text, id);
    return id;
  }

  /** Reads the fields of one frame and makes the message of them. */
  private final class Fields {
    private final CborReader in;
    private @Nullable String type;
    private @Nullable PeerId senderId;
    private @Nullable PeerId targetId;
    private @Nullable DocumentId documentId;
    private @Nullable Bytes data;
    private int dataOffset;
    private @Nullable SessionId sessionId;
    private @Nullable Long count;
    private @Nullable PeerMetadata metadata;
    private @Nullable List<String> versions;
    private @Nullable String version;
    private @Nullable String text;
    private List<StorageId> add = List.of();
    private List<StorageId> remove = List.of();
    private Map<StorageId, StoredHeads> newHeads = Map.of();

    Fields(CborReader in) {
      this.in = in;
    }

    WireMessage message() {
      for (var remaining = in.frame(); remaining > 0; remaining--) {
        field(in.text());
      }
      if (!in.atEnd()) {
        throw new CborException("WS1", "bytes follow the message");
      }
      var sender = require(senderId, "senderId");
      var name = require(type, "type");
      return switch (name) {
        case "join" ->
            new WireMessage.Join(
                sender,
                metadata == null ? new PeerMetadata(Optional.empty(), true) : metadata,
                versions == null ? List.of(WireCodec.VERSION) : versions);
        case "peer" ->
            new WireMessage.PeerMessage(
                sender,
                target(),
                metadata == null ? new PeerMetadata(Optional.empty(), true) : metadata,
                require(version, "selectedProtocolVersion"));
        case "error" ->
            new WireMessage.ErrorMessage(sender, target(), require(text, "message"), documentId);
        case "request" -> new WireMessage.Request(sender, target(), document(), data());
        case "sync" -> new WireMessage.Sync(sender, target(), document(), data());
        case "doc-unavailable" -> new WireMessage.DocUnavailable(sender, target(), document());
        case "ephemeral" ->
            new WireMessage.Ephemeral(
                sender,
                target(),
                document(),
                require(sessionId, "sessionId"),
                require(count, "count"),
                data());
        case "remote-subscription-change" ->
            new WireMessage.RemoteSubscriptionChange(sender, target(), add, remove);
        case "remote-heads-changed" ->
            new WireMessage.RemoteHeadsChanged(sender, target(), document(), newHeads);
        case "ping" -> new WireMessage.Ping(sender, require(count, "count"));
        case "pong" -> new WireMessage.Pong(sender, target(), require(count, "count"));
        case "leave" -> new WireMessage.Leave(sender);
        default -> new WireMessage.Unknown(sender, name);
      };
    }

    private void field(String key) {
      if (in.skipNull()) {
        return;
      }
      switch (key) {
        case "type" -> type = in.text();
        case "senderId" -> senderId = peer(in.text());
        case "targetId" -> targetId = peer(in.text());
        case "documentId" -> documentId = WireDecoder.this.document(in.text());
        case "data" -> {
          data = in.bytes();
          dataOffset = in.position() - data.length();
        }
        case "sessionId" -> sessionId = new SessionId(checkId(in.text()));
        case "count" -> count = in.integer();
        case "peerMetadata" -> metadata = peerMetadata();
        case "supportedProtocolVersions" -> versions = textList();
        case "selectedProtocolVersion" -> version = in.text();
        case "message" -> text = in.text();
        case "add" -> add = storageIds();
        case "remove" -> remove = storageIds();
        case "newHeads" -> newHeads = heads();
        default -> in.skip();
      }
    }

    private PeerMetadata peerMetadata() {
      Optional<StorageId> storageId = Optional.empty();
      var isEphemeral = false;
      var durableHeads = false;
      for (var remaining = in.map(); remaining > 0; remaining--) {
        var key = in.text();
        if (in.skipNull()) {
          continue;
        }
        switch (key) {
          case "storageId" -> storageId = Optional.of(new StorageId(checkId(in.text())));
          case "isEphemeral" -> isEphemeral = in.bool();
          case "durableHeads" -> durableHeads = in.bool();
          default -> in.skip();
        }
      }
      return new PeerMetadata(storageId, isEphemeral, durableHeads);
    }

    private List<String> textList() {
      var list = new ArrayList<String>();
      for (var remaining = in.list(); remaining > 0; remaining--) {
        list.add(in.text());
      }
      return list;
    }

    private List<StorageId> storageIds() {
      return textList().stream().map(text -> new StorageId(checkId(text))).toList();
    }

    private Map<StorageId, StoredHeads> heads() {
      var heads = new LinkedHashMap<StorageId, StoredHeads>();
      for (var remaining = in.map(); remaining > 0; remaining--) {
        var storage = new StorageId(checkId(in.text()));
        List<String> hashes = List.of();
        var timestamp = 0L;
        for (var remainingFields = in.map(); remainingFields > 0; remainingFields--) {
          switch (in.text()) {
            case "heads" -> hashes = textList();
            case "timestamp" -> timestamp = in.integer();
            default -> in.skip();
          }
        }
        heads.put(storage, new StoredHeads(hashes, timestamp));
      }
      return heads;
    }

    private PeerId target() {
      return require(targetId, "targetId");
    }

    private DocumentId document() {
      return require(documentId, "documentId");
    }

    private Bytes data() {
      var bytes = require(data, "data");
      if (bytes.isEmpty()) {
        throw new CborException("WS3", "data is empty");
      }
      return bytes;
    }

    private <T> T require(@Nullable T value, String field) {
      if (value == null) {
        throw new CborException(
            "WS2", (type == null ? "a message" : "the message type " + type) + " needs " + field);
      }
      return value;
    }
  }
}
