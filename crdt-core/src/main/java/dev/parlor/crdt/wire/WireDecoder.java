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
 * Reads the frames of one connection; used by one thread. It caches the ids that the connection
 * repeats, since checking a document id costs two hashes, most of the cost of a frame. It also
 * caches the last sync message: usually the next one differs only in the bytes of its {@code data},
 * and then no CBOR item is read.
 *
 * <p>Frames that are not one CBOR value are refused under WS1, wrong or missing fields under WS2,
 * empty {@code data} under WS3, wrong document ids under HS7.
 */
public final class WireDecoder {

  /** Longest peer, session or storage id in UTF-16 units; longer ones are refused under WS2. */
  public static final int ID_LENGTH_MAX = 256;

  private static final int IDS_REMEMBERED_MAX = 256;

  /** Longer frames are not cached, to save memory. */
  private static final int REPEATED_BYTES_MAX = 512;

  private final CborReader.TextCache texts = new CborReader.TextCache();
  private final Map<String, DocumentId> documents = new HashMap<>();
  private final Map<String, PeerId> peers = new HashMap<>();

  /** A decoded sync message, its frame, and the position of its data in the frame. */
  private record Known(Bytes frame, int dataAt, WireMessage.Sync message) {
    /** Whether another frame has the same length and the same bytes outside the data. */
    boolean fits(Bytes other) {
      var dataEnd = dataAt + message.data().length();
      return other.length() == frame.length()
          && other.matches(0, frame, 0, dataAt)
          && other.matches(dataEnd, frame, dataEnd, frame.length() - dataEnd);
    }

    WireMessage.Sync with(Bytes other) {
      return new WireMessage.Sync(
          message.senderId(),
          message.targetId(),
          message.documentId(),
          other.slice(dataAt, message.data().length()));
    }
  }

  private @Nullable Known known;

  /** Reads one frame. The message's {@code data} shares the frame's array. */
  public Decoding<WireMessage> decode(Bytes frame) {
    var repeated = known;
    if (repeated != null && repeated.fits(frame)) {
      return Decoding.of(repeated.with(frame));
    }
    try {
      var fields = new Fields(new CborReader(frame, texts));
      var message = fields.message();
      if (message instanceof WireMessage.Sync sync && frame.length() <= REPEATED_BYTES_MAX) {
        known = new Known(frame, fields.dataAt, sync);
      }
      return Decoding.of(message);
    } catch (CborException e) {
      return Decoding.malformed(e.rule(), e.reason());
    }
  }

  private DocumentId document(String text) {
    var known = documents.get(text);
    if (known != null) {
      return known;
    }
    return switch (DocumentId.parse(text)) {
      case Decoding.Decoded<DocumentId>(var id) -> remember(documents, text, id);
      case Decoding.Malformed<DocumentId>(var rule, var reason) ->
          throw new CborException(rule, reason);
    };
  }

  private PeerId peer(String text) {
    var known = peers.get(text);
    return known != null ? known : remember(peers, text, new PeerId(id(text)));
  }

  private static String id(String text) {
    if (text.isEmpty() || text.length() > ID_LENGTH_MAX) {
      throw new CborException("WS2", "an id has 1 to " + ID_LENGTH_MAX + " characters");
    }
    return text;
  }

  private static <T> T remember(Map<String, T> ids, String text, T id) {
    if (ids.size() >= IDS_REMEMBERED_MAX) {
      ids.clear();
    }
    ids.put(text, id);
    return id;
  }

  /** The fields of one frame read so far. */
  private final class Fields {
    private final CborReader in;
    private @Nullable String type;
    private @Nullable PeerId senderId;
    private @Nullable PeerId targetId;
    private @Nullable DocumentId documentId;
    private @Nullable Bytes data;
    private int dataAt;
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
      for (var left = in.frame(); left > 0; left--) {
        field(in.text());
      }
      if (!in.atEnd()) {
        throw new CborException("WS1", "bytes follow the message");
      }
      var sender = need(senderId, "senderId");
      var name = need(type, "type");
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
                need(version, "selectedProtocolVersion"));
        case "error" ->
            new WireMessage.ErrorMessage(sender, target(), need(text, "message"), documentId);
        case "request" -> new WireMessage.Request(sender, target(), document(), data());
        case "sync" -> new WireMessage.Sync(sender, target(), document(), data());
        case "doc-unavailable" -> new WireMessage.DocUnavailable(sender, target(), document());
        case "ephemeral" ->
            new WireMessage.Ephemeral(
                sender,
                target(),
                document(),
                need(sessionId, "sessionId"),
                need(count, "count"),
                data());
        case "remote-subscription-change" ->
            new WireMessage.RemoteSubscriptionChange(sender, target(), add, remove);
        case "remote-heads-changed" ->
            new WireMessage.RemoteHeadsChanged(sender, target(), document(), newHeads);
        case "ping" -> new WireMessage.Ping(sender, need(count, "count"));
        case "pong" -> new WireMessage.Pong(sender, target(), need(count, "count"));
        case "leave" -> new WireMessage.Leave(sender);
        default -> new WireMessage.Unknown(sender, name);
      };
    }

    private void field(String key) {
      if (in.absent()) {
        return;
      }
      switch (key) {
        case "type" -> type = in.text();
        case "senderId" -> senderId = peer(in.text());
        case "targetId" -> targetId = peer(in.text());
        case "documentId" -> documentId = WireDecoder.this.document(in.text());
        case "data" -> {
          data = in.bytes();
          dataAt = in.position() - data.length();
        }
        case "sessionId" -> sessionId = new SessionId(id(in.text()));
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
      for (var left = in.map(); left > 0; left--) {
        var key = in.text();
        if (in.absent()) {
          continue;
        }
        switch (key) {
          case "storageId" -> storageId = Optional.of(new StorageId(id(in.text())));
          case "isEphemeral" -> isEphemeral = in.bool();
          default -> in.skip();
        }
      }
      return new PeerMetadata(storageId, isEphemeral);
    }

    private List<String> textList() {
      var list = new ArrayList<String>();
      for (var left = in.list(); left > 0; left--) {
        list.add(in.text());
      }
      return list;
    }

    private List<StorageId> storageIds() {
      return textList().stream().map(text -> new StorageId(id(text))).toList();
    }

    private Map<StorageId, StoredHeads> heads() {
      var heads = new LinkedHashMap<StorageId, StoredHeads>();
      for (var left = in.map(); left > 0; left--) {
        var storage = new StorageId(id(in.text()));
        List<String> hashes = List.of();
        var timestamp = 0L;
        for (var inner = in.map(); inner > 0; inner--) {
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
      return need(targetId, "targetId");
    }

    private DocumentId document() {
      return need(documentId, "documentId");
    }

    private Bytes data() {
      var bytes = need(data, "data");
      if (bytes.isEmpty()) {
        throw new CborException("WS3", "data is empty");
      }
      return bytes;
    }

    private <T> T need(@Nullable T value, String field) {
      if (value == null) {
        throw new CborException(
            "WS2", (type == null ? "a message" : "the message type " + type) + " needs " + field);
      }
      return value;
    }
  }
}
