package dev.parlor.relay.document;

import dev.parlor.crdt.identity.Bytes;
import dev.parlor.crdt.identity.DocumentId;
import dev.parlor.crdt.identity.SessionId;
import dev.parlor.crdt.wire.CborWriter;
import dev.parlor.crdt.wire.WireCodec;
import dev.parlor.crdt.wire.WireMessage;
import java.util.List;
import java.util.Objects;
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
  private final RelayServices services;
  private final List<PeerSession> everyone;
  private final Outgoing outgoing;
  private final @Nullable DocumentReplication nodes;

  /**
   * Clients compare counts per author and session, across documents. So the server's messages of
   * each document have a session id of their own.
   */
  private final SessionId session;

  private long count;
  private long goodbyes;

  /**
   * @param everyone the document's own list of peers, which the document keeps changing
   * @param nodes null when no other nodes serve the document
   */
  EphemeralFanout(
      DocumentId document,
      RelayServices services,
      List<PeerSession> everyone,
      Outgoing outgoing,
      @Nullable DocumentReplication nodes) {
    this.document = document;
    this.services = services;
    this.everyone = everyone;
    this.outgoing = outgoing;
    this.nodes = nodes;
    this.session = new SessionId(services.session().value() + "-" + document.value());
  }

  /**
   * A message of a peer.
   *
   * @param from null when the peer has not opened the document
   */
  void receive(@Nullable PeerSession from, WireMessage.Ephemeral message) {
    if (from == null || from.closed) {
      services.metrics().ephemeralDropped("unread");
    } else if (!from.ephemeralCounts.recordIfNewer(message.sessionId(), message.count())) {
      services.metrics().ephemeralDropped("duplicate");
    } else {
      send(message, from);
      publish(message);
    }
  }

  /** A message that another node passed on. */
  void receiveFromNode(WireMessage.Ephemeral message) {
    if (Objects.requireNonNull(nodes).isNew(message)) {
      send(message, null);
    } else {
      services.metrics().ephemeralDropped("duplicate");
    }
  }

  /** Sends a message of the server's own. */
  void broadcast(Bytes data) {
    var message =
        new WireMessage.Ephemeral(
            services.server(), services.server(), document, session, ++count, data);
    send(message, null);
    publish(message);
  }

  /**
   * Sends a goodbye for a peer that is gone, if the peer ever sent an ephemeral message. The
   * goodbye has a session id of its own: the peer may come back with its old session id, and its
   * next count must not seem old.
   */
  void goodbye(PeerSession gone) {
    if (gone.ephemeralCounts.isEmpty()) {
      return;
    }
    var id = gone.peer.id();
    var goodbyeSession = new SessionId(session.value() + "-goodbye-" + ++goodbyes);
    var message = new WireMessage.Ephemeral(id, id, document, goodbyeSession, 1, GOODBYE);
    send(message, null);
    publish(message);
  }

  private void publish(WireMessage.Ephemeral message) {
    if (nodes != null) {
      nodes.publishEphemeral(message);
    }
  }

  /**
   * @param except the session of the message's author; null when the author is not a peer here
   */
  private void send(WireMessage.Ephemeral message, @Nullable PeerSession except) {
    if (everyone.isEmpty() || (except != null && everyone.size() == 1)) {
      return;
    }
    var shared = WireCodec.shared(message);
    var receivers = 0;
    for (var i = 0; i < everyone.size(); i++) {
      var session = everyone.get(i);
      if (session != except && !session.closed) {
        outgoing.offerEphemeral(session, shared, message.senderId());
        receivers++;
      }
    }
    services.metrics().ephemeralSent(receivers);
  }
}
