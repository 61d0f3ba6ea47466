package dev.parlor.relay.socket;

import dev.parlor.crdt.identity.Bytes;
import dev.parlor.crdt.identity.Decoding;
import dev.parlor.crdt.identity.DocumentId;
import dev.parlor.crdt.wire.WireCodec;
import dev.parlor.crdt.wire.WireMessage;
import dev.parlor.relay.document.AckCache;
import dev.parlor.relay.document.CloseCodes;
import dev.parlor.relay.document.DocumentHandle;
import dev.parlor.relay.document.InboundDecoder;
import dev.parlor.relay.document.InboundMessage;
import dev.parlor.relay.rate.TokenBucket;
import dev.parlor.relay.rate.TokenBucket.Rate;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Handles the messages of a joined peer: decodes sync messages and delivers them to their
 * documents. All methods run on the socket's thread, unless their comment says otherwise.
 */
final class SyncSession {

  private final SyncSockets sockets;
  private final Connection connection;
  private final InputGate gate;
  private final SocketPeer peer;
  private final @Nullable AckCache acks;
  private final TokenBucket ephemerals;
  private final Map<DocumentId, DocumentHandle> handles = new HashMap<>(2);
  private final TimedDecisions timed = new TimedDecisions();

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

  /** The joined peer; safe from any thread. */
  SocketPeer peer() {
    return peer;
  }

  void receive(WireMessage message) {
    if (!message.senderId().equals(peer.id())) {
      if (message instanceof WireMessage.Ephemeral) {
        // A repo with several peers forwards ephemeral messages of other peers. Those peers send
        // their messages to this server themselves.
        sockets.metrics().ephemeralDropped("foreign");
      } else {
        connection.refuse(CloseCodes.BAD_MESSAGE, "HS5", "senderId is not the peer id that joined");
      }
      return;
    }
    switch (message) {
      case WireMessage.Sync(_, _, var document, var data) -> sync(document, data, true);
      case WireMessage.Request(_, _, var document, var data) -> sync(document, data, false);
      case WireMessage.Ephemeral ephemeral -> receiveEphemeral(ephemeral);
      case WireMessage.Ping(_, var count) ->
          answer(new WireMessage.Pong(sockets.serverPeerId(), peer.id(), count));
      case WireMessage.Leave _ -> connection.peerLeft();
      case WireMessage.Join _ ->
          connection.refuse(CloseCodes.BAD_MESSAGE, "HS4", "this connection has joined already");
      // These messages are ignored: this server requests no documents from clients, and it does not
      // take part in their gossip about heads.
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
   * Leaves all documents, because the connection has ended.
   *
   * @param goodbye whether other peers receive a goodbye in this peer's name [EP5]
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

  /**
   * Handles a sync message.
   *
   * @param hasContent whether the peer has content of the document, as its kind of message tells
   */
  private void sync(DocumentId document, Bytes data, boolean hasContent) {
    var handle = handles.get(document);
    if (handle == null) {
      if (!sockets.mayOpen(peer.caller(), document)
          || handles.size() >= sockets.limits().frames().documentsPerConnectionMax()) {
        answer(new WireMessage.DocUnavailable(sockets.serverPeerId(), peer.id(), document));
        return;
      }
      var access = connection.documents();
      if (access != null) {
        decideAccess(access, document, data, hasContent);
        return;
      }
      handle = open(document);
    }
    sync(handle, data);
  }

  private DocumentHandle open(DocumentId document) {
    var handle = sockets.handle(document);
    handles.put(document, handle);
    return handle;
  }

  /**
   * Decides on another thread whether the connection may open the document, and then handles the
   * message. Until then nothing is read from the socket.
   */
  private void decideAccess(
      DocumentAccess access, DocumentId document, Bytes data, boolean hasContent) {
    gate.startTask();
    var ordersBefore = timed.orders();
    sockets.runOnOtherThread(
        connection,
        () -> access.decide(document, hasContent),
        decision ->
            connection.execute(
                () -> {
                  gate.endTask();
                  if (!connection.isClosing()) {
                    apply(decision, ordersBefore, document, data, hasContent);
                  }
                  gate.resumeIfReady();
                }));
  }

  private void apply(
      DocumentAccess.Decision decision,
      int ordersBefore,
      DocumentId document,
      Bytes data,
      boolean hasContent) {
    switch (decision) {
      case DocumentAccess.Decision.Allowed(var permission, var validFor) -> {
        var access = connection.documents();
        peer.setRoles(
            document, permission.role(), access == null ? Set.of() : access.namedRoles(document));
        validFor.ifPresent(
            time -> timed.opened(document, permission, time, ordersBefore, sockets.now()));
        sync(open(document), data);
      }
      case DocumentAccess.Decision.Denied(var rule, var reason) -> {
        sockets.refused(connection, rule, reason);
        if (!hasContent) {
          peer.report(document, rule, reason);
        }
        if (!hasContent || peer.refuse(document, CloseCodes.NOT_ALLOWED, rule, reason)) {
          answer(new WireMessage.DocUnavailable(sockets.serverPeerId(), peer.id(), document));
        }
      }
      case DocumentAccess.Decision.Unavailable(var rule, var reason) ->
          connection.refuse(CloseCodes.OVERLOAD, rule, reason);
    }
  }

  /** Decides again about the open documents whose decisions have ended. */
  void checkDecisions(long now) {
    var access = connection.documents();
    if (access == null) {
      return;
    }
    for (var document : timed.due(now)) {
      sockets.runOnOtherThread(
          connection,
          () -> access.decide(document, false),
          decision -> connection.execute(() -> decidedAgain(document, decision)));
    }
  }

  private void decidedAgain(DocumentId document, DocumentAccess.Decision decision) {
    switch (timed.decided(document, decision, sockets.now())) {
      case CONTINUE -> {}
      case CHANGED ->
          connection.refuse(
              CloseCodes.PERMISSIONS_CHANGED,
              "TK2",
              "the permission in a document has changed; connect again");
      case OUTAGE ->
          connection.refuse(
              CloseCodes.OVERLOAD, "TK5", "the app's backend does not answer; connect again later");
    }
  }

  /**
   * Decides again now.
   *
   * @param document the only document to decide about; empty for all
   */
  void decideAgain(Optional<DocumentId> document) {
    var now = sockets.now();
    if (document.isPresent()) {
      timed.expire(document.get(), now);
    } else {
      timed.expireAll(now);
    }
    checkDecisions(now);
  }

  private void sync(DocumentHandle handle, Bytes data) {
    var cached = acks == null ? null : acks.find(data);
    if (cached != null) {
      deliver(handle, cached);
      return;
    }
    if (sockets.inbound().isLong(data)) {
      decodeOnOtherThread(handle, () -> read(handle, data));
      return;
    }
    switch (sockets.inbound().open(data)) {
      case Decoding.Malformed<InboundDecoder.Undecoded>(var rule, var reason) ->
          connection.refuse(CloseCodes.MALFORMED, rule, reason);
      case Decoding.Decoded<InboundDecoder.Undecoded>(var undecoded) ->
          read(handle, data, undecoded);
    }
  }

  private void read(DocumentHandle handle, Bytes data, InboundDecoder.Undecoded undecoded) {
    if (peer.ignores(handle.document())) {
      deliver(handle, withoutChanges(undecoded));
    } else if (sockets.inbound().isLong(undecoded)) {
      decodeOnOtherThread(handle, () -> sockets.inbound().read(undecoded));
    } else {
      var decoded = sockets.inbound().read(undecoded);
      if (acks != null && decoded instanceof Decoding.Decoded<InboundMessage>(var inbound)) {
        acks.add(data, inbound);
      }
      deliver(handle, decoded);
    }
  }

  /** Decodes a whole message; runs on a separate thread. */
  private Decoding<InboundMessage> read(DocumentHandle handle, Bytes data) {
    return sockets
        .inbound()
        .open(data)
        .flatMap(
            undecoded ->
                peer.ignores(handle.document())
                    ? Decoding.of(withoutChanges(undecoded))
                    : sockets.inbound().read(undecoded));
  }

  /**
   * The message without its changes. Too many changes of the document were refused, so further
   * changes are not decoded.
   */
  private InboundMessage withoutChanges(InboundDecoder.Undecoded undecoded) {
    sockets.metrics().changesDropped(undecoded.chunks().size());
    return sockets.inbound().withoutChanges(undecoded);
  }

  /**
   * Decodes a message on another thread and then delivers it. Until then nothing is read from the
   * socket, so that messages keep their order.
   */
  private void decodeOnOtherThread(
      DocumentHandle handle, Supplier<Decoding<InboundMessage>> decoding) {
    gate.startTask();
    sockets.runOnOtherThread(
        connection,
        decoding,
        decoded ->
            connection.execute(
                () -> {
                  gate.endTask();
                  if (!connection.isClosing()) {
                    deliver(handle, decoded);
                    gate.charge(0, 0, sockets.now());
                  }
                  gate.resumeIfReady();
                }));
  }

  private void deliver(DocumentHandle handle, Decoding<InboundMessage> decoded) {
    switch (decoded) {
      case Decoding.Malformed<InboundMessage>(var rule, var reason) ->
          connection.refuse(CloseCodes.MALFORMED, rule, reason);
      case Decoding.Decoded<InboundMessage>(var inbound) -> deliver(handle, inbound);
    }
  }

  private void deliver(DocumentHandle handle, InboundMessage inbound) {
    if (sockets.memoryIsFull()
        && !(inbound.changes().isEmpty() && sockets.isInMemory(handle.document()))) {
      connection.refuseForMemory();
    } else {
      gate.deliver(handle, peer, inbound);
    }
  }

  private void receiveEphemeral(WireMessage.Ephemeral message) {
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
