package dev.parlor.crdt.wire;

import dev.parlor.crdt.identity.Bytes;
import dev.parlor.crdt.identity.DocumentId;
import dev.parlor.crdt.identity.PeerId;
import dev.parlor.crdt.identity.SessionId;
import dev.parlor.crdt.identity.StorageId;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;

/** Random wire messages of every type. */
final class WireMessages {

  private WireMessages() {}

  static Arbitrary<WireMessage> any() {
    var peers = ids().map(PeerId::new);
    var storages = ids().map(StorageId::new);
    var documents =
        Arbitraries.bytes().array(byte[].class).ofMinSize(1).ofMaxSize(24).map(WireMessages::id);
    var data =
        Arbitraries.bytes().array(byte[].class).ofMinSize(1).ofMaxSize(400).map(Bytes::copyOf);
    var metadata = Combinators.combine(storages.optional(), bools()).as(PeerMetadata::new);
    var stored =
        Combinators.combine(ids().list().ofMaxSize(3), Arbitraries.longs().between(0, 1L << 53))
            .as(WireMessage.StoredHeads::new);
    var counts = Arbitraries.longs().between(0, 1L << 53);
    return Arbitraries.oneOf(
        Combinators.combine(peers, metadata, ids().list().ofMaxSize(3)).as(WireMessage.Join::new),
        Combinators.combine(peers, peers, metadata, ids()).as(WireMessage.PeerMessage::new),
        Combinators.combine(peers, peers, Arbitraries.strings().ofMaxLength(90))
            .as(WireMessage.ErrorMessage::new),
        Combinators.combine(peers, peers, documents, data).as(WireMessage.Request::new),
        Combinators.combine(peers, peers, documents, data).as(WireMessage.Sync::new),
        Combinators.combine(peers, peers, documents).as(WireMessage.DocUnavailable::new),
        Combinators.combine(
                peers,
                peers,
                documents,
                ids().map(SessionId::new),
                Arbitraries.longs().between(0, 1L << 53),
                data)
            .as(WireMessage.Ephemeral::new),
        Combinators.combine(
                peers, peers, storages.list().ofMaxSize(3), storages.list().ofMaxSize(3))
            .as(WireMessage.RemoteSubscriptionChange::new),
        Combinators.combine(
                peers, peers, documents, Arbitraries.maps(storages, stored).ofMaxSize(3))
            .as(WireMessage.RemoteHeadsChanged::new),
        Combinators.combine(peers, counts).as(WireMessage.Ping::new),
        Combinators.combine(peers, peers, counts).as(WireMessage.Pong::new),
        peers.map(WireMessage.Leave::new),
        Combinators.combine(peers, ids().map(text -> "x-" + text)).as(WireMessage.Unknown::new));
  }

  private static DocumentId id(byte[] bytes) {
    return DocumentId.of(Bytes.copyOf(bytes));
  }

  private static Arbitrary<Boolean> bools() {
    return Arbitraries.of(true, false);
  }

  /** Texts without lone surrogates, because UTF-8 cannot encode these. */
  private static Arbitrary<String> ids() {
    return Arbitraries.strings()
        .withCharRange(' ', '~')
        .withChars('é', '中', '\ufffd')
        .ofMinLength(1)
        .ofMaxLength(80);
  }
}
