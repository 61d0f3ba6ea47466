package dev.parlor.crdt.wire;

import dev.parlor.crdt.identity.Bytes;
import dev.parlor.crdt.identity.Decoding;
import dev.parlor.crdt.identity.PeerId;
import dev.parlor.crdt.identity.StorageId;
import java.util.List;

/**
 * Encodes and decodes messages. A directed message is written with {@code targetId} last. The same
 * message to many peers therefore is one shared byte string ({@link #shared}), followed by each
 * peer's {@link #target}.
 */
public final class WireCodec {

  /** The only supported protocol version. */
  public static final String VERSION = "1";

  private WireCodec() {}

  /** Decodes one frame. A connection uses one {@link WireDecoder} for all its frames instead. */
  public static Decoding<WireMessage> decode(Bytes frame) {
    return new WireDecoder().decode(frame);
  }

  public static Bytes encode(WireMessage message) {
    return message instanceof WireMessage.Directed directed
        ? Bytes.concat(List.of(shared(directed), target(directed.targetId())))
        : undirected(message);
  }

  /** The encoded message without the value of {@code targetId}, which must follow. */
  public static Bytes shared(WireMessage.Directed message) {
    return switch (message) {
      case WireMessage.PeerMessage peer -> {
        var out = begin("peer", 5, peer.senderId(), 160);
        metadata(out, peer.metadata());
        yield end(out.text("selectedProtocolVersion").text(peer.version()));
      }
      case WireMessage.ErrorMessage error -> {
        var document = error.documentId();
        var out = begin("error", document == null ? 4 : 5, error.senderId(), 256);
        if (document != null) {
          out.text("documentId").text(document.value());
        }
        yield end(out.text("message").text(error.message()));
      }
      case WireMessage.Request request ->
          end(document(request, "request", 5, request.data()).text("data").bytes(request.data()));
      case WireMessage.Sync sync ->
          end(document(sync, "sync", 5, sync.data()).text("data").bytes(sync.data()));
      case WireMessage.DocUnavailable none ->
          end(document(none, "doc-unavailable", 4, Bytes.EMPTY));
      case WireMessage.Ephemeral ephemeral ->
          end(
              document(ephemeral, "ephemeral", 7, ephemeral.data())
                  .text("sessionId")
                  .text(ephemeral.sessionId().value())
                  .text("count")
                  .integer(ephemeral.count())
                  .text("data")
                  .bytes(ephemeral.data()));
      case WireMessage.Pong pong ->
          end(begin("pong", 4, pong.senderId(), 96).text("count").integer(pong.count()));
      case WireMessage.RemoteSubscriptionChange change -> {
        var fields = 3 + (change.add().isEmpty() ? 0 : 1) + (change.remove().isEmpty() ? 0 : 1);
        var out = begin("remote-subscription-change", fields, change.senderId(), 160);
        storages(out, "add", change.add());
        storages(out, "remove", change.remove());
        yield end(out);
      }
      case WireMessage.RemoteHeadsChanged heads -> {
        var out = document(heads, "remote-heads-changed", 5, Bytes.EMPTY);
        out.text("newHeads").map(heads.newHeads().size());
        heads
            .newHeads()
            .forEach(
                (storage, stored) -> {
                  out.text(storage.value()).map(2).text("heads").list(stored.heads().size());
                  stored.heads().forEach(out::text);
                  out.text("timestamp").integer(stored.timestamp());
                });
        yield end(out);
      }
    };
  }

  /** The encoded target, which is the last value of a directed message. */
  public static Bytes target(PeerId target) {
    return new CborWriter(target.value().length() + 3).text(target.value()).toBytes();
  }

  private static Bytes undirected(WireMessage message) {
    return switch (message) {
      case WireMessage.Join join -> {
        var out = begin("join", 4, join.senderId(), 128);
        metadata(out, join.metadata());
        out.text("supportedProtocolVersions").list(join.versions().size());
        join.versions().forEach(out::text);
        yield out.toBytes();
      }
      case WireMessage.Ping ping ->
          begin("ping", 3, ping.senderId(), 64).text("count").integer(ping.count()).toBytes();
      case WireMessage.Leave leave -> begin("leave", 2, leave.senderId(), 64).toBytes();
      case WireMessage.Unknown unknown ->
          begin(unknown.type(), 2, unknown.senderId(), 64).toBytes();
      case WireMessage.Directed directed -> encode(directed);
    };
  }

  private static CborWriter document(
      WireMessage.OfDocument message, String type, int fields, Bytes data) {
    return begin(type, fields, message.senderId(), 160 + data.length())
        .text("documentId")
        .text(message.documentId().value());
  }

  private static CborWriter begin(String type, int fields, PeerId sender, int capacity) {
    return new CborWriter(capacity + sender.value().length())
        .map(fields)
        .text("type")
        .text(type)
        .text("senderId")
        .text(sender.value());
  }

  private static Bytes end(CborWriter out) {
    return out.text("targetId").toBytes();
  }

  private static void metadata(CborWriter out, PeerMetadata metadata) {
    var hasStorage = metadata.storageId().isPresent();
    out.text("peerMetadata").map(1 + (hasStorage ? 1 : 0) + (metadata.durableHeads() ? 1 : 0));
    metadata.storageId().ifPresent(id -> out.text("storageId").text(id.value()));
    out.text("isEphemeral").bool(metadata.isEphemeral());
    if (metadata.durableHeads()) {
      out.text("durableHeads").bool(true);
    }
  }

  private static void storages(CborWriter out, String key, List<StorageId> ids) {
    if (!ids.isEmpty()) {
      out.text(key).list(ids.size());
      ids.forEach(id -> out.text(id.value()));
    }
  }
}
