package dev.parlor.relay.document;

import dev.parlor.crdt.graph.ChangeGraph;
import dev.parlor.crdt.identity.Bytes;
import dev.parlor.crdt.identity.DocumentId;
import dev.parlor.crdt.sync.PeerSync;
import dev.parlor.crdt.sync.SyncEncoder;
import dev.parlor.crdt.wire.WireCodec;
import dev.parlor.crdt.wire.WireMessage;
import java.util.ArrayList;
import java.util.List;

/**
 * Sends sync messages to the peers of one document: to every peer if changes were added, otherwise
 * to the peers that are due. Belongs to the document's worker.
 */
final class SyncFanout {

  /**
   * Above this many peers the commit thread is woken before the fan-out, so that both run in
   * parallel. With fewer peers it is woken after the fan-out, since it would interrupt this thread.
   */
  private static final int STORE_FIRST_PEERS = 32;

  private final DocumentId document;
  private final RelayServices services;
  private final ChangeGraph graph;
  private final SyncEncoder encoder;
  private final List<PeerSession> sessions;
  private final ChangeAdmission admission;
  private final Acknowledgements acknowledgements;
  private final CommitLog commits;
  private final OutgoingFrames outgoing;

  /** The peers to which the next {@link #send} may have to send a message. */
  private List<PeerSession> due = new ArrayList<>();

  /** An empty list that is reused at the next {@link #send}. */
  private List<PeerSession> spare = new ArrayList<>();

  /** The size of the graph at the last fan-out. */
  private int sentSize;

  // The last sync message, alone and inside its frame.
  private Bytes lastSync = Bytes.EMPTY;
  private Bytes lastFrame = Bytes.EMPTY;

  SyncFanout(
      DocumentId document,
      RelayServices services,
      ChangeGraph graph,
      SyncEncoder encoder,
      List<PeerSession> sessions,
      ChangeAdmission admission,
      Acknowledgements acknowledgements,
      CommitLog commits,
      OutgoingFrames outgoing) {
    this.document = document;
    this.services = services;
    this.graph = graph;
    this.encoder = encoder;
    this.sessions = sessions;
    this.admission = admission;
    this.acknowledgements = acknowledgements;
    this.commits = commits;
    this.outgoing = outgoing;
    this.sentSize = graph.size();
  }

  /** Makes the next {@link #send} send a message to this peer, if there is one to send. */
  void markDue(PeerSession session) {
    if (!session.due) {
      session.due = true;
      due.add(session);
    }
  }

  /** Whether there are new changes or peers that are due. */
  boolean hasWork() {
    return !due.isEmpty() || graph.size() != sentSize;
  }

  /** Sends messages to all peers if changes were added, otherwise to the due peers. */
  void send() {
    var hasGrown = graph.size() != sentSize;
    if (hasGrown) {
      if (sessions.size() > STORE_FIRST_PEERS) {
        commits.append();
      }
      var changes = graph.size() - sentSize;
      sentSize = graph.size();
      for (var i = 0; i < sessions.size(); i++) {
        send(sessions.get(i));
      }
      services.metrics().changesSent(changes * Math.max(0, sessions.size() - 1));
    }
    var duePeers = due;
    due = spare;
    spare = duePeers;
    for (var i = 0; i < duePeers.size(); i++) {
      var session = duePeers.get(i);
      session.due = false;
      if (!hasGrown) {
        send(session);
      }
    }
    duePeers.clear();
  }

  private void send(PeerSession to) {
    if (to.closed || isHeldBack(to)) {
      return;
    }
    if (graph.isEmpty() && (to.refused != null || to.sync.peerHeads().isEmpty())) {
      // A document without content could only send a message without heads. A client that requested
      // the document would then wait forever, and a client whose change was refused would send all
      // its changes again.
      return;
    }
    var message = to.sync.next(encoder, to.hasPending ? admission.missing() : List.of());
    if (message.isPresent()) {
      outgoing.offer(to, frame(message.get()));
    }
  }

  /** Whether the peer is sent no sync message for now. */
  boolean isHeldBack(PeerSession to) {
    return acknowledgements.isHeldBack(to) || to.portioned != null;
  }

  /**
   * Resets sync with a peer, because a message was lost and no later message repairs that [SY12].
   */
  void resetSync(PeerSession session) {
    services.metrics().syncReset();
    session.sync = session.sync.restarted();
    outgoing.offer(session, frame(PeerSync.RESET_MESSAGE));
    markDue(session);
  }

  /** The frame of a sync message. The encoder returns the same instance for many peers [SY6]. */
  @SuppressWarnings("ReferenceEquality") // equal bytes in another instance are only framed again
  private Bytes frame(Bytes data) {
    if (data != lastSync) {
      lastSync = data;
      lastFrame =
          WireCodec.shared(
              new WireMessage.Sync(services.server(), services.server(), document, data));
    }
    return lastFrame;
  }

  /** Frees the cached encodings, because no peer has the document open. */
  void forgetEncodings() {
    encoder.clearCache();
    lastSync = Bytes.EMPTY;
    lastFrame = Bytes.EMPTY;
  }
}
