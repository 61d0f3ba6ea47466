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
 * The ephemeral messages of one room [EP1]: encoded once, given to everybody else, never kept.
 * Belongs to the room's writer.
 */
final class EphemeralFanout {

  /** What automerge-repo's Presence understands as a farewell [EP5]. */
  private static final Bytes GOODBYE =
      new CborWriter().map(1).text("__presence").map(1).text("type").text("goodbye").toBytes();

  private final DocumentId document;
  private final RelayServices context;
  private final Outgoing outgoing;

  /**
   * Counts are compared per author and session across documents by clients, so each room's messages
   * of the server make up a session of their own.
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
   * @param from who is not told; null when it came from another node
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
   * Says goodbye for a peer that is gone. In a session of its own: the peer may come back with the
   * session that it had, and its next count must not seem old.
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
      var attachment = everyone.get(i);
      if (attachment != except && !attachment.closed) {
        outgoing.offerEphemeral(attachment, shared, message.senderId());
        receivers++;
      }
    }
    context.metrics().ephemeralSent(receivers);
  }
}
