package dev.parlor.relay.socket;

import dev.parlor.crdt.identity.Bytes;
import dev.parlor.crdt.identity.Decoding;
import dev.parlor.crdt.identity.DocumentId;
import dev.parlor.crdt.wire.WireCodec;
import dev.parlor.crdt.wire.WireMessage;
import dev.parlor.relay.document.AckCache;
import dev.parlor.relay.document.CloseCodes;
import dev.parlor.relay.document.DocumentHandle;
import dev.parlor.relay.document.Inbound;
import dev.parlor.relay.document.InboundDecoder;
import dev.parlor.relay.rate.TokenBucket;
import dev.parlor.relay.rate.TokenBucket.Rate;
import java.util.HashMap;
import java.util.Map;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * The messages of a joined peer: it decodes sync messages and hands them to their documents. On the
 * socket's thread.
 */
final class SyncSession {

  private final SyncSockets sockets;
  private final Connection connection;
  private final InputGate gate;
  private final SocketPeer peer;
  private final @Nullable AckCache acks;
  private final TokenBucket ephemerals;
  private final Map<DocumentId, DocumentHandle> handles = new HashMap<>(2);

  SyncSession(
      SyncSockets sockets,
      Connection connection,
      InputGate gate,
      SocketPeer peer,
      @Nullable AckCache acks) {
    this.sockets = sockets;
    this.connection = connection;
    this.gate = gate;
    this.peer = peer;
    this.acks = acks;
    this.ephemerals =
        new TokenBucket(Rate.perSecond(sockets.limits().ephemeral().perSecondMax()), sockets.now());
  }

  /** Safe from any thread. */
  SocketPeer peer() {
    return peer;
  }

  void receive(WireMessage message) {
    if (!message.senderId().equals(peer.id())) {
      if (message instanceof WireMessage.Ephemeral) {
        // A repo with several peers forwards their messages; those peers send the messages to this
        // server themselves.
        sockets.metrics().ephemeralDropped("foreign");
      } else {
        connection.refuse(CloseCodes.BAD_MESSAGE, "HS5", "senderId is not the peer id that joined");
      }
      return;
    }
    switch (message) {
      case WireMessage.Sync(_, _, var document, var data) -> sync(document, data);
      case WireMessage.Request(_, _, var document, var data) -> sync(document, data);
      case WireMessage.Ephemeral ephemeral -> say(ephemeral);
      case WireMessage.Ping(_, var count) ->
          answer(new WireMessage.Pong(sockets.serverPeerId(), peer.id(), count));
      case WireMessage.Leave _ -> connection.left();
      case WireMessage.Join _ ->
          connection.refuse(CloseCodes.BAD_MESSAGE, "HS4", "this connection has joined already");
      // These are ignored: a hub does not request documents, and heads are gossiped between
      // clients.
      case WireMessage.DocUnavailable _,
          WireMessage.RemoteSubscriptionChange _,
          WireMessage.RemoteHeadsChanged _,
          WireMessage.PeerMessage _,
          WireMessage.ErrorMessage _,
          WireMessage.Pong _,
          WireMessage.Unknown _ -> {}
    }
  }

  /**
   * The connection has ended.
   *
   * @param goodbye whether other peers are told [EP5]
   */
  void end(boolean goodbye) {
    for (var handle : handles.values()) {
      handle.leave(peer, goodbye);
    }
    handles.clear();
  }

  private void answer(WireMessage.Directed message) {
    peer.offer(WireCodec.shared(message), WireCodec.target(peer.id()));
    peer.flush();
  }

  private void sync(DocumentId document, Bytes data) {
    var handle = handles.get(document);
    if (handle == null) {
      if (!sockets.reachable(peer.caller(), document)
          || handles.size() >= sockets.limits().frames().documentsPerConnectionMax()) {
        answer(new WireMessage.DocUnavailable(sockets.serverPeerId(), peer.id(), document));
        return;
      }
      handle = sockets.handle(document);
      handles.put(document, handle);
    }
    var known = acks == null ? null : acks.find(data);
    if (known != null) {
      deliver(handle, known);
      return;
    }
    if (sockets.inbound().isLong(data)) {
      var open = handle;
      decodeElsewhere(open, () -> read(open, data));
      return;
    }
    switch (sockets.inbound().open(data)) {
      case Decoding.Malformed<InboundDecoder.Undecoded>(var rule, var reason) ->
          connection.refuse(CloseCodes.MALFORMED, rule, reason);
      case Decoding.Decoded<InboundDecoder.Undecoded>(var unread) -> read(handle, data, unread);
    }
  }

  private void read(DocumentHandle handle, Bytes data, InboundDecoder.Undecoded unread) {
    if (peer.ignores(handle.document())) {
      deliver(handle, ignoring(unread));
    } else if (sockets.inbound().isLong(unread)) {
      decodeElsewhere(handle, () -> sockets.inbound().read(unread));
    } else {
      var decoded = sockets.inbound().read(unread);
      if (acks != null && decoded instanceof Decoding.Decoded<Inbound>(var inbound)) {
        acks.add(data, inbound);
      }
      deliver(handle, decoded);
    }
  }

  /** Decodes a whole message; runs on a separate thread. */
  private Decoding<Inbound> read(DocumentHandle handle, Bytes data) {
    return sockets
        .inbound()
        .open(data)
        .flatMap(
            unread ->
                peer.ignores(handle.document())
                    ? Decoding.of(ignoring(unread))
                    : sockets.inbound().read(unread));
  }

  /**
   * The message without its changes. Too many changes of the document were refused, so further
   * changes are not decoded.
   */
  private Inbound ignoring(InboundDecoder.Undecoded unread) {
    sockets.metrics().changesDropped(unread.chunks().size());
    return sockets.inbound().withoutChanges(unread);
  }

  /**
   * Decodes on another thread. Until it is done nothing is read from the socket, so that messages
   * keep their order.
   */
  private void decodeElsewhere(DocumentHandle handle, Supplier<Decoding<Inbound>> reading) {
    gate.decoding();
    sockets.decode(
        connection,
        reading,
        decoded ->
            connection.execute(
                () -> {
                  gate.decoded();
                  if (!connection.isClosing()) {
                    deliver(handle, decoded);
                    gate.charge(0, 0, sockets.now());
                  }
                  gate.readOn();
                }));
  }

  private void deliver(DocumentHandle handle, Decoding<Inbound> decoded) {
    switch (decoded) {
      case Decoding.Malformed<Inbound>(var rule, var reason) ->
          connection.refuse(CloseCodes.MALFORMED, rule, reason);
      case Decoding.Decoded<Inbound>(var inbound) -> deliver(handle, inbound);
    }
  }

  private void deliver(DocumentHandle handle, Inbound inbound) {
    if (sockets.memoryIsFull()
        && !(inbound.changes().isEmpty() && sockets.isInMemory(handle.document()))) {
      connection.refuseForMemory();
    } else {
      gate.deliver(handle, peer, inbound);
    }
  }

  private void say(WireMessage.Ephemeral message) {
    var handle = handles.get(message.documentId());
    if (handle == null) {
      sockets.metrics().ephemeralDropped("unread");
    } else if (message.data().length() > sockets.limits().ephemeral().dataBytesMax()) {
      sockets.metrics().ephemeralDropped("size");
    } else if (ephemerals.take(sockets.now()) > 0) {
      sockets.metrics().ephemeralDropped("rate");
    } else {
      handle.receiveEphemeral(peer, message, gate);
    }
  }
}
