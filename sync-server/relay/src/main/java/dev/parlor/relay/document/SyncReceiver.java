package dev.parlor.relay.document;

import dev.parlor.crdt.format.ChangeChunk;
import dev.parlor.crdt.graph.ChangeGraph;
import dev.parlor.crdt.identity.Bytes;
import dev.parlor.crdt.sync.SyncEncoder.Snapshot;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Consumer;

/**
 * Handles the sync messages that the peers of one document send. A message is handled at once, or
 * deferred until earlier changes of its peer are on disk, or admitted in portions, one in each
 * step. Belongs to the document's worker.
 */
final class SyncReceiver {

  private static final Refusal DISK_TOO_SLOW =
      new Refusal(CloseCodes.OVERLOAD, "DU1", "the disk is too slow for this client");

  /** A peer whose connection ended before the last portion of its message was admitted. */
  record Departure(PeerSession session, boolean goodbye) {}

  private final ChangeGraph graph;
  private final ChangeAdmission admission;
  private final Acknowledgements acknowledgements;
  private final SyncFanout fanout;
  private final PendingRequests requests;
  private final DocumentEvents events;
  private final RefusalNotices notices;
  private final Consumer<Snapshot> uploads;

  private final DeferredMessages deferred = new DeferredMessages();

  /** Peers with a message that is admitted in portions. Each step admits a portion of the first. */
  private final ArrayDeque<PeerSession> portioned = new ArrayDeque<>(0);

  /**
   * @param uploads receives the chunk of a document that a peer uploaded whole
   */
  SyncReceiver(
      ChangeGraph graph,
      ChangeAdmission admission,
      Acknowledgements acknowledgements,
      SyncFanout fanout,
      PendingRequests requests,
      DocumentEvents events,
      RefusalNotices notices,
      Consumer<Snapshot> uploads) {
    this.graph = graph;
    this.admission = admission;
    this.acknowledgements = acknowledgements;
    this.fanout = fanout;
    this.requests = requests;
    this.events = events;
    this.notices = notices;
    this.uploads = uploads;
  }

  /** Handles or defers a message of a peer whose session is open. */
  void receive(PeerSession session, InboundMessage inbound, long now) {
    if (session.portioned != null
        || deferred.has(session)
        || acknowledgements.isWaitTooLong(session, now)) {
      if (!deferred.add(session, inbound)) {
        notices.disconnect(session, DISK_TOO_SLOW);
      }
    } else {
      handle(session, inbound, now);
    }
  }

  private void handle(PeerSession session, InboundMessage inbound, long now) {
    if (!session.sync.hasReceived()) {
      acknowledgements.holdBackIfAuthor(session, inbound.message().heads());
    }
    if (inbound.isDivided()) {
      session.portioned = new PortionedMessage(inbound);
      portioned.addLast(session);
    } else if (refuseUnread(session, inbound) && admit(session, inbound.changes())) {
      finish(session, inbound, now);
    }
  }

  /**
   * Admits the next portion of a message, if a message is admitted in portions.
   *
   * @return the peer to detach, if its message is finished and its connection has ended
   */
  Optional<Departure> admitPortion(long now) {
    var session = portioned.pollFirst();
    if (session == null) {
      return Optional.empty();
    }
    var message = Objects.requireNonNull(session.portioned);
    if (!session.closed
        && (message.isStarted() || refuseUnread(session, message.inbound()))
        && admit(session, message.next())) {
      if (message.hasNext()) {
        portioned.addLast(session);
        return Optional.empty();
      }
      session.portioned = null;
      finish(session, message.inbound(), now);
    }
    session.portioned = null;
    return switch (message.afterwards()) {
      case STAY -> Optional.empty();
      case DETACH -> Optional.of(new Departure(session, false));
      case DETACH_WITH_GOODBYE -> Optional.of(new Departure(session, true));
    };
  }

  boolean hasPortions() {
    return !portioned.isEmpty();
  }

  /** The cost of the messages that are admitted in portions and not finished. */
  long unfinishedCost() {
    var cost = 0L;
    for (var session : portioned) {
      cost += Objects.requireNonNull(session.portioned).inbound().cost();
    }
    return cost;
  }

  /**
   * Handles the deferred messages of peers whose changes are all committed, or whose commits are
   * stalled.
   *
   * @return whether a message was handled
   */
  boolean handleDeferred(long now) {
    if (deferred.isEmpty()) {
      return false;
    }
    return deferred.resume(
        session ->
            !session.closed
                && session.portioned == null
                && !acknowledgements.shouldDefer(session, now),
        (session, inbound) -> handle(session, inbound, now));
  }

  /** Nanoseconds until deferred messages are handled without their commit. */
  long nanosToDeferred(long now) {
    return deferred.isEmpty() ? Long.MAX_VALUE : acknowledgements.nanosToStall(now);
  }

  /** The number of deferred messages of this peer. */
  int deferred(PeerSession session) {
    return deferred.count(session);
  }

  /**
   * Refuses the changes that the decoder refused.
   *
   * @return false if the session is closed now
   */
  private boolean refuseUnread(PeerSession session, InboundMessage inbound) {
    if (!inbound.unread().isEmpty()) {
      admission.refuseUnread(session, inbound.unread());
    }
    return !session.closed;
  }

  /**
   * Admits changes.
   *
   * @return false if the session is closed now
   */
  private boolean admit(PeerSession session, List<ChangeChunk> changes) {
    if (changes.isEmpty()) {
      return true;
    }
    var possibleAuthors = acknowledgements.possibleAuthors();
    var added = new ArrayList<Bytes>(changes.size());
    admission.admit(session, changes, added);
    if (!added.isEmpty()) {
      acknowledgements.holdBack(possibleAuthors);
    }
    report(
        added,
        new ChangeOrigin.FromPeer(session.peer.id(), session.peer.caller(), !session.caughtUp));
    return !session.closed;
  }

  /** Handles a sync message of another node, which admitted the changes in it. */
  void receiveFromNode(DocumentReplication nodes, InboundMessage inbound) {
    if (!inbound.changes().isEmpty()) {
      var possibleAuthors = acknowledgements.possibleAuthors();
      var added = new ArrayList<Bytes>(inbound.changes().size());
      admission.admit(nodes.source(), inbound.changes(), added);
      if (!added.isEmpty()) {
        acknowledgements.holdBack(possibleAuthors);
      }
      report(added, new ChangeOrigin.FromNode());
    }
    inbound.unread().forEach(change -> notices.refusedFromNode(change.rule(), change.reason()));
    nodes.receive(inbound.message(), !inbound.changes().isEmpty());
  }

  /** Reports the changes that admission added, if any, and resets sync with peers if it must. */
  void report(List<Bytes> added, ChangeOrigin origin) {
    events.changed(added, origin);
    admission.takePeersToReset().forEach(fanout::resetSync);
  }

  /** Handles the other fields of a message after all its changes were offered to admission. */
  private void finish(PeerSession session, InboundMessage inbound, long now) {
    acknowledgements.measureWait(session, now);
    if (inbound.document().isPresent()
        && graph.size() == inbound.changes().size()
        && graph.heads().equals(inbound.document().get().heads())) {
      uploads.accept(inbound.document().get());
    }
    session.sync.received(inbound.message());
    session.caughtUp = session.caughtUp || session.sync.missingHeads().isEmpty();
    if (session.disagreement != null) {
      session.disagreement.messageReceived();
    }
    if (graph.isEmpty() && session.sync.peerHeads().isEmpty()) {
      requests.add(session, now);
    }
    fanout.markDue(session);
  }
}
