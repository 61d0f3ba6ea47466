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
  private final Consumer<PeerSession> forget;

  private final IdentityHashMap<Peer, PeerSession> sessions = new IdentityHashMap<>();

  /**
   * The sessions in order of arrival, for fast iteration. It also has those whose connection ended
   * before their last message was completely admitted.
   */
  private final List<PeerSession> everyone = new ArrayList<>();

  /**
   * @param forget called when a peer was detached, to free what the document keeps for it
   */
  AttachedPeers(
      DocumentId document,
      RelayServices services,
      ChangeGraph graph,
      RefusalNotices notices,
      DocumentEvents events,
      Consumer<PeerSession> forget) {
    this.document = document;
    this.services = services;
    this.graph = graph;
    this.notices = notices;
    this.events = events;
    this.forget = forget;
  }

  /** All sessions in order of arrival; always the same list, which changes. Read it only. */
  List<PeerSession> everyone() {
    return everyone;
  }

  /** The peer's session; null when the peer has not opened the document. */
  @Nullable PeerSession find(Peer peer) {
    return sessions.get(peer);
  }

  /** Opens the document for a peer. The session is closed if the document has too many peers. */
  PeerSession attach(Peer peer) {
    var limits = services.limits();
    var session = new PeerSession(peer, graph, limits.ephemeral().sessionsPerConnectionMax());
    if (everyone.size() >= limits.documents().peersMax()) {
      turnAway(session);
      return session;
    }
    for (var other : List.copyOf(everyone)) {
      if (other.peer.id().equals(peer.id())) {
        // The peer joined again on a new connection: the state of its old connection is dropped
        // [HS4].
        sessions.remove(other.peer);
        detach(other);
      }
    }
    sessions.put(peer, session);
    everyone.add(session);
    events.joined(peer);
    return session;
  }

  /**
   * The document has too many peers. A connection that may open other documents stays open, and may
   * ask again.
   */
  private void turnAway(PeerSession session) {
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

  /** The connection has ended: its peer has no session any more. Detach the session next. */
  @Nullable PeerSession remove(Peer peer) {
    return sessions.remove(peer);
  }

  boolean isAttached(PeerSession session) {
    return everyone.contains(session);
  }

  void detach(PeerSession session) {
    session.closed = true;
    everyone.remove(session);
    events.left(session.peer);
    forget.accept(session);
  }

  /** Whether a peer has told heads that are not here, so that their changes may still come. */
  boolean haveUnknownHeads() {
    for (var session : everyone) {
      if (!session.closed && !session.sync.missingHeads().isEmpty()) {
        return true;
      }
    }
    return false;
  }

  /**
   * Closes all connections.
   *
   * @param code the close code
   */
  void disconnect(int code, String reason) {
    for (var session : everyone) {
      session.closed = true;
      session.peer.close(code, "room", reason);
    }
  }
}
