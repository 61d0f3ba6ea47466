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
 * Sends sync messages to the peers of one document: to every peer when the graph grew, otherwise to
 * the peers that are due. Belongs to the document's worker.
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
  private final List<PeerSession> everyone;
  private final ChangeAdmission admission;
  private final Acknowledgements acknowledgements;
  private final CommitLog commits;
  private final Outgoing outgoing;

  private List<PeerSession> due = new ArrayList<>();
  private List<PeerSession> spare = new ArrayList<>();

  /** The size of the graph at the last fan-out. */
  private int sentSize;

  // The last sync message, without and with its frame.
  private Bytes lastSync = Bytes.EMPTY;
  private Bytes lastFrame = Bytes.EMPTY;

  SyncFanout(
      DocumentId document,
      RelayServices services,
      ChangeGraph graph,
      SyncEncoder encoder,
      List<PeerSession> everyone,
      ChangeAdmission admission,
      Acknowledgements acknowledgements,
      CommitLog commits,
      Outgoing outgoing) {
    this.document = document;
    this.services = services;
    this.graph = graph;
    this.encoder = encoder;
    this.everyone = everyone;
    this.admission = admission;
    this.acknowledgements = acknowledgements;
    this.commits = commits;
    this.outgoing = outgoing;
    this.sentSize = graph.size();
  }

  /** The next {@link #send} looks for a message to this peer. */
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

  void send() {
    var grew = graph.size() != sentSize;
    if (grew) {
      if (everyone.size() > STORE_FIRST_PEERS) {
        commits.append();
      }
      var changes = graph.size() - sentSize;
      sentSize = graph.size();
      for (var i = 0; i < everyone.size(); i++) {
        send(everyone.get(i));
      }
      services.metrics().changesSent(changes * Math.max(0, everyone.size() - 1));
    }
    var round = due;
    due = spare;
    spare = round;
    for (var i = 0; i < round.size(); i++) {
      var session = round.get(i);
      session.due = false;
      if (!grew) {
        send(session);
      }
    }
    round.clear();
  }

  private void send(PeerSession to) {
    if (to.closed || isHeldBack(to)) {
      return;
    }
    if (graph.isEmpty() && (to.refused != null || to.sync.theirHeads().isEmpty())) {
      // A client whose change was refused answers any message without heads by sending all changes
      // again.
      return;
    }
    var message = to.sync.next(encoder, to.hasPending ? admission.missing() : List.of());
    if (message.isPresent()) {
      outgoing.offer(to, frame(message.get()));
    }
  }

  /** Whether the peer is sent nothing for the moment. */
  boolean isHeldBack(PeerSession to) {
    return acknowledgements.areHeldBack(to) || to.portioned != null;
  }

  /**
   * Resets sync with a peer: a message to or from it was lost, and no later message repairs that
   * [SY12].
   */
  void resetSync(PeerSession with) {
    services.metrics().syncReset();
    with.sync = with.sync.afresh();
    outgoing.offer(with, frame(PeerSync.STARTING_OVER));
    markDue(with);
  }

  /** The frame around a sync message. The encoder gives the same instance to many peers [SY6]. */
  @SuppressWarnings("ReferenceEquality") // equal bytes of another instance are encoded again
  private Bytes frame(Bytes data) {
    if (data != lastSync) {
      lastSync = data;
      lastFrame =
          WireCodec.shared(
              new WireMessage.Sync(services.server(), services.server(), document, data));
    }
    return lastFrame;
  }

  /** Frees the encoded copies of the document, because no peer is left to send them to. */
  void forgetEncodings() {
    encoder.forget();
    lastSync = Bytes.EMPTY;
    lastFrame = Bytes.EMPTY;
  }
}
