package dev.parlor.server.relay;

import dev.parlor.crdt.identity.Bytes;
import dev.parlor.crdt.identity.DocumentId;
import dev.parlor.crdt.identity.PeerId;
import dev.parlor.crdt.identity.SessionId;
import dev.parlor.crdt.wire.CborWriter;
import dev.parlor.crdt.wire.WireCodec;
import dev.parlor.crdt.wire.WireMessage;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Sends the ephemeral messages of one document [EP1]: each message is encoded once, sent to all
 * other peers, and never stored. Belongs to the document's worker.
 */
final class EphemeralFanout {

  /** The message that automerge-repo's Presence understands as a goodbye [EP5]. */
  private static final Bytes GOODBYE =
      new CborWriter().map(1).text("__presence").map(1).text("type").text("goodbye").toBytes();

  private final DocumentId document;
  private final RelayServices context;
  private final Outgoing outgoing;

  /**
   * Clients compare counts per author and session, across documents. So the server's messages of
   * each document have a session id of their own.
   */
  private final SessionId session;

  private long count;
  private long goodbyes;

  EphemeralFanout(DocumentId document, RelayServices context, Outgoing outgoing) {
    this.document = document;
    this.context = context;
    this.outgoing = outgoing;
    this.session = new SessionId(context.session().value() + "-" + document.value());
  }

  /**
   * @param from the author's session, which is left out; null when the message came from another
   *     node
   */
  void forward(
      WireMessage.Ephemeral message, List<PeerSession> everyone, @Nullable PeerSession from) {
    send(message, everyone, from);
  }

  WireMessage.Ephemeral broadcast(Bytes data, List<PeerSession> everyone) {
    var message =
        new WireMessage.Ephemeral(
            context.server(), context.server(), document, session, ++count, data);
    send(message, everyone, null);
    return message;
  }

  /**
   * Sends a goodbye for a peer that is gone. It has a separate session id: the peer may come back
   * with its old session id, and its next count must not seem old.
   */
  WireMessage.Ephemeral goodbye(PeerId gone, List<PeerSession> everyone) {
    var farewell = new SessionId(session.value() + "-goodbye-" + ++goodbyes);
    var message = new WireMessage.Ephemeral(gone, gone, document, farewell, 1, GOODBYE);
    send(message, everyone, null);
    return message;
  }

  private void send(
      WireMessage.Ephemeral message, List<PeerSession> everyone, @Nullable PeerSession except) {
    if (everyone.isEmpty() || (except != null && everyone.size() == 1)) {
      return;
    }
    var shared = WireCodec.shared(message);
    var receivers = 0;
    for (var i = 0; i < everyone.size(); i++) {
      var peer = everyone.get(i);
      if (peer != except && !peer.closed) {
        outgoing.offerEphemeral(peer, shared, message.senderId());
        receivers++;
      }
    }
    context.metrics().ephemeralSent(receivers);
  }
}
