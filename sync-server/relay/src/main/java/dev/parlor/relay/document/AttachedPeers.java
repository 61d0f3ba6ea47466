package dev.parlor.relay.document;

import dev.parlor.crdt.graph.ChangeGraph;
import dev.parlor.crdt.identity.DocumentId;
import dev.parlor.crdt.wire.WireCodec;
import dev.parlor.crdt.wire.WireMessage;
import java.util.ArrayList;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** The peers that have one document open. Belongs to the document's worker. */
final class AttachedPeers {

  private static final Refusal FULL =
      new Refusal(CloseCodes.OVERLOAD, "room", "this document has the maximum number of peers");

  private final DocumentId document;
  private final RelayServices services;
  private final ChangeGraph graph;
  private final RefusalNotices notices;
  private final DocumentEvents events;
  private final Consumer<PeerSession> onDetached;

  private final IdentityHashMap<Peer, PeerSession> byPeer = new IdentityHashMap<>();

  /**
   * The sessions in order of arrival, for fast iteration. A session whose connection ended stays in
   * this list until its last message is completely admitted.
   */
  private final List<PeerSession> sessions = new ArrayList<>();

  /**
   * @param onDetached called after a peer was detached, to free the data that the document keeps
   *     for it
   */
  AttachedPeers(
      DocumentId document,
      RelayServices services,
      ChangeGraph graph,
      RefusalNotices notices,
      DocumentEvents events,
      Consumer<PeerSession> onDetached) {
    this.document = document;
    this.services = services;
    this.graph = graph;
    this.notices = notices;
    this.events = events;
    this.onDetached = onDetached;
  }

  /** All sessions in order of arrival. A live list: callers must not change it. */
  List<PeerSession> sessions() {
    return sessions;
  }

  /** The peer's session; null when the peer has not opened the document. */
  @Nullable PeerSession find(Peer peer) {
    return byPeer.get(peer);
  }

  /** Opens the document for a peer. The session is closed if the document has too many peers. */
  PeerSession attach(Peer peer) {
    var limits = services.limits();
    var session =
        new PeerSession(
            peer,
            peer.roleIn(document),
            peer.namedRolesIn(document),
            graph,
            limits.ephemeral().sessionsPerConnectionMax());
    if (sessions.size() >= limits.documents().peersMax()) {
      reject(session);
      return session;
    }
    for (var other : List.copyOf(sessions)) {
      if (other.peer.id().equals(peer.id())) {
        // The peer joined again on a new connection: drop the session of its old connection [HS4].
        byPeer.remove(other.peer);
        detach(other);
      }
    }
    byPeer.put(peer, session);
    sessions.add(session);
    events.joined(peer);
    return session;
  }

  /**
   * Rejects a peer because the document has too many. A connection that may open other documents
   * stays open, and may request this document again.
   */
  private void reject(PeerSession session) {
    if (session.peer.caller().scope().isPresent()) {
      notices.disconnect(session, FULL);
      return;
    }
    notices.refuse(session, FULL);
    session.closed = true;
    session.peer.offer(
        WireCodec.shared(
            new WireMessage.DocUnavailable(services.server(), session.peer.id(), document)),
        session.target);
    session.peer.flush();
  }

  /**
   * Removes the session of a connection that has ended from the index by peer. The caller then
   * calls {@link #detach}. Null when the peer has no session.
   */
  @Nullable PeerSession remove(Peer peer) {
    return byPeer.remove(peer);
  }

  /** Whether the session is in the list. */
  boolean isAttached(PeerSession session) {
    return sessions.contains(session);
  }

  /** Removes the session from the list, and notifies the observers. */
  void detach(PeerSession session) {
    session.closed = true;
    sessions.remove(session);
    events.left(session.peer);
    onDetached.accept(session);
  }

  /**
   * Whether a peer has announced heads that this document lacks, so that it may still send them.
   */
  boolean haveMissingHeads() {
    for (var session : sessions) {
      if (!session.closed && !session.sync.missingHeads().isEmpty()) {
        return true;
      }
    }
    return false;
  }

  /**
   * Closes all connections.
   *
   * @param code the WebSocket close code
   */
  void disconnect(int code, String reason) {
    for (var session : sessions) {
      session.closed = true;
      session.peer.close(code, "room", reason);
    }
  }
}
