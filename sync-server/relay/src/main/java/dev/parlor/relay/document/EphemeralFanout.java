package dev.parlor.relay.document;

import dev.parlor.crdt.identity.Bytes;
import dev.parlor.crdt.identity.DocumentId;
import dev.parlor.crdt.identity.PeerId;
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

  /** The message with which automerge-repo's Presence announces that a peer leaves [EP5]. */
  private static final Bytes GOODBYE =
      new CborWriter().map(1).text("__presence").map(1).text("type").text("goodbye").toBytes();

  private final DocumentId document;
  private final RelayServices services;
  private final List<PeerSession> sessions;
  private final OutgoingFrames outgoing;
  private final DocumentEvents events;
  private final @Nullable DocumentReplication nodes;

  /**
   * The session id of the server's own messages, different for each document: clients compare
   * counts by author and session, across documents.
   */
  private final SessionId serverSession;

  private long count;
  private long goodbyes;

  /**
   * @param sessions the document's peers; the document adds and removes peers in this list
   * @param nodes null when no other nodes serve the document
   */
  EphemeralFanout(
      DocumentId document,
      RelayServices services,
      List<PeerSession> sessions,
      OutgoingFrames outgoing,
      DocumentEvents events,
      @Nullable DocumentReplication nodes) {
    this.document = document;
    this.services = services;
    this.sessions = sessions;
    this.outgoing = outgoing;
    this.events = events;
    this.nodes = nodes;
    this.serverSession = new SessionId(services.session().value() + "-" + document.value());
  }

  /**
   * Handles a message of a peer.
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
      events.ephemeral(from.peer, message.data());
    }
  }

  /** Handles a message from another node. */
  void receiveFromNode(WireMessage.Ephemeral message) {
    if (Objects.requireNonNull(nodes).isNew(message)) {
      send(message, null);
      if (message.senderId().equals(services.server())) { // all nodes have the same peer id
        events.messageOfNode(message.data());
      } else {
        events.ephemeralFromNode(message.senderId(), message.data());
      }
    } else {
      services.metrics().ephemeralDropped("duplicate");
    }
  }

  /** Sends a message of the server's own. */
  void broadcast(Bytes data) {
    var message =
        new WireMessage.Ephemeral(
            services.server(), services.server(), document, serverSession, ++count, data);
    send(message, null);
    publish(message);
  }

  /** Sends a message of a participant that is connected to the server without the sync protocol. */
  void broadcastAs(PeerId sender, SessionId session, long number, Bytes data) {
    var message = new WireMessage.Ephemeral(sender, sender, document, session, number, data);
    send(message, null);
    publish(message);
  }

  /**
   * Sends a goodbye in the name of a peer that left, if the peer ever sent an ephemeral message.
   * The goodbye has a new session id: the peer may reconnect with its old session id, and its next
   * count must not be taken for a duplicate.
   */
  void goodbye(PeerSession departed) {
    if (departed.ephemeralCounts.isEmpty()) {
      return;
    }
    var id = departed.peer.id();
    var goodbyeSession = new SessionId(serverSession.value() + "-goodbye-" + ++goodbyes);
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
   * Sends a message to all peers.
   *
   * @param except the session of the author, which gets no copy; null if the author has none here
   */
  private void send(WireMessage.Ephemeral message, @Nullable PeerSession except) {
    if (sessions.isEmpty() || (except != null && sessions.size() == 1)) {
      return;
    }
    var shared = WireCodec.shared(message);
    var receivers = 0;
    for (var i = 0; i < sessions.size(); i++) {
      var session = sessions.get(i);
      if (session != except && !session.closed) {
        outgoing.offerEphemeral(session, shared, message.senderId());
        receivers++;
      }
    }
    services.metrics().ephemeralSent(receivers);
  }
}
