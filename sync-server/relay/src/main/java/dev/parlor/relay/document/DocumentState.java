package dev.parlor.relay.document;

import dev.parlor.crdt.format.ChangeChunk;
import dev.parlor.crdt.graph.ChangeGraph;
import dev.parlor.crdt.identity.Bytes;
import dev.parlor.crdt.identity.DocumentId;
import dev.parlor.crdt.sync.SyncEncoder;
import dev.parlor.crdt.sync.SyncEncoder.Snapshot;
import dev.parlor.crdt.wire.WireMessage;
import dev.parlor.relay.nodes.NodeBus;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/**
 * The state of one document and of the peers that have it open. Belongs to the document's worker;
 * has no threads, clock or files. {@link DocumentWorker} gives it commands, and calls {@link
 * #settle} when all waiting commands are handled.
 *
 * <p>This class gives each command to the part that handles it. Commands only change state and mark
 * peers as due. Then {@code settle} hands new changes to the store and sends messages. So changes
 * that arrive together are sent together, and an acknowledgement makes only its sender due.
 *
 * <p>The parts are {@link AttachedPeers}, {@link SyncReceiver} and {@link ChangeAdmission} for what
 * comes in, {@link SyncFanout}, {@link EphemeralFanout} and {@link Outgoing} for what goes out,
 * {@link Acknowledgements} and {@link CommitLog} for the disk, {@link PendingRequests} for an
 * unknown document, {@link StallDetector} for lost messages, and {@link DocumentReplication} for
 * other nodes.
 */
final class DocumentState {

  private final DocumentId id;
  private final RelayServices services;
  private final ChangeGraph graph;

  private final AttachedPeers peers;

  /** The list of {@link AttachedPeers}: most of a document's work is iterating over it. */
  private final List<PeerSession> everyone;

  private final CommitLog commits;
  private final Acknowledgements acknowledgements;
  private final RefusalNotices notices;
  private final AuthorizedGraph authorized;
  private final ChangeAdmission admission;
  private final Outgoing outgoing;
  private final SyncFanout fanout;
  private final EphemeralFanout ephemerals;
  private final PendingRequests requests;
  private final StallDetector stalls;
  private final SyncReceiver receiver;
  private final DocumentEvents events;

  /** Null when no other nodes serve the document. */
  private final @Nullable DocumentReplication nodes;

  /** Null while the document has no snapshot. */
  private @Nullable Snapshot snapshot;

  /** For a server without other nodes. Everything in the graph counts as committed. */
  DocumentState(
      DocumentId id,
      RelayServices services,
      DocumentLoader.Loaded loaded,
      CommitLog.Appender appender) {
    this(id, services, loaded, appender, null, 0);
  }

  /**
   * @param channel to the same document on other nodes; null without other nodes
   */
  DocumentState(
      DocumentId id,
      RelayServices services,
      DocumentLoader.Loaded loaded,
      CommitLog.Appender appender,
      NodeBus.@Nullable Channel channel,
      long now) {
    this.id = id;
    this.services = services;
    this.authorized = new AuthorizedGraph(loaded, services.admission());
    this.graph = authorized.graph();
    this.snapshot = loaded.snapshot();
    var limits = services.limits();
    var encoder = new SyncEncoder(graph, this::snapshot);
    this.nodes =
        channel == null ? null : new DocumentReplication(id, services, graph, channel, now);
    this.notices = new RefusalNotices(id, services);
    this.events = new DocumentEvents(services.metrics());
    this.peers = new AttachedPeers(id, services, graph, notices, events, this::forget);
    this.everyone = peers.everyone();
    this.outgoing = new Outgoing(limits.ephemeral().gatherMillis());
    this.ephemerals = new EphemeralFanout(id, services, everyone, outgoing, nodes);
    this.requests = new PendingRequests(id, services, outgoing);
    this.commits = new CommitLog(graph, appender);
    this.acknowledgements = new Acknowledgements(graph, commits, everyone, this::markDue);
    this.admission = new ChangeAdmission(id, services, authorized, everyone, notices);
    this.fanout =
        new SyncFanout(
            id, services, graph, encoder, everyone, admission, acknowledgements, commits, outgoing);
    this.receiver =
        new SyncReceiver(graph, admission, acknowledgements, fanout, requests, events, notices);
    this.stalls = new StallDetector(graph, admission, limits.stallDetection().checkMillis());
  }

  private void markDue(PeerSession session) {
    fanout.markDue(session);
  }

  // Commands of peers.

  /** A peer's sync message; the first one opens the document for that peer. */
  void receive(Peer peer, Inbound inbound, long now) {
    var session = peers.find(peer);
    if (session == null) {
      session = peers.attach(peer);
    }
    if (!session.closed) {
      receiver.receive(session, inbound, now);
    }
  }

  void receiveEphemeral(Peer peer, WireMessage.Ephemeral message) {
    ephemerals.receive(peers.find(peer), message);
  }

  /**
   * A peer is gone.
   *
   * @param goodbye whether other peers are told [EP5]
   */
  void leave(Peer peer, boolean goodbye) {
    var session = peers.remove(peer);
    if (session == null) {
      return;
    }
    if (session.portioned != null && !session.closed) {
      session.portioned.connectionEnded(goodbye);
    } else {
      depart(session, goodbye);
    }
  }

  private void depart(PeerSession session, boolean goodbye) {
    peers.detach(session);
    if (goodbye) {
      ephemerals.goodbye(session);
    }
  }

  /** Frees what the document keeps for a peer that is detached. */
  private void forget(PeerSession gone) {
    requests.remove(gone);
    admission.forget(gone);
    if (everyone.isEmpty()) {
      fanout.forgetEncodings();
    }
  }

  // Commands of other nodes.

  void receiveFromNode(Inbound inbound) {
    receiver.receiveFromNode(replication(), inbound);
  }

  void receiveEphemeralFromNode(WireMessage.Ephemeral message) {
    ephemerals.receiveFromNode(message);
  }

  /** Messages from other nodes may have been lost. */
  void busResumed() {
    replication().busResumed();
  }

  private DocumentReplication replication() {
    return Objects.requireNonNull(nodes, "a server without other nodes has no bus");
  }

  // Commands of the server itself.

  /** Adds the server's own changes. */
  void submit(List<ChangeChunk> changes, CompletableFuture<Void> done) {
    var added = new ArrayList<Bytes>(changes.size());
    var refusal = admission.admitOwn(changes, added);
    receiver.report(added, new ChangeOrigin.Server());
    if (!added.isEmpty()) {
      acknowledgements.holdOwnChanges();
    }
    if (refusal.isPresent()) {
      done.completeExceptionally(
          new SubmissionException(refusal.get().rule(), refusal.get().reason()));
    } else {
      acknowledgements.whenCommitted(done);
    }
  }

  void broadcast(Bytes data) {
    ephemerals.broadcast(data);
  }

  void observe(DocumentObserver observer) {
    events.add(observer);
    var stored = snapshot;
    var positions = graph.since(stored == null ? List.of() : stored.heads());
    var changes = new ArrayList<Bytes>(positions.length);
    for (var position : positions) {
      changes.add(graph.chunkAt(position));
    }
    observer.opened(Optional.ofNullable(stored).map(Snapshot::chunk), changes);
    for (var session : everyone) {
      observer.peerJoined(session.peer.id(), session.peer.caller());
    }
  }

  void unobserve(DocumentObserver observer) {
    events.remove(observer);
  }

  /** Completes the future when all changes are on disk. */
  void flush(CompletableFuture<Void> done) {
    commits.append();
    acknowledgements.whenCommitted(done);
  }

  // Answers of the store and of compaction.

  void appended(int from, Optional<Throwable> failure, long now) {
    acknowledgements.appended(from, failure, now);
  }

  void compacted(Snapshot made) {
    snapshot = made;
  }

  // Commands of the operator.

  /** The state of the document; the worker adds the values that only it knows. */
  DocumentDescription describe(boolean inDetail) {
    var stored = snapshot;
    return new DocumentDescription(
        id,
        false,
        graph.size(),
        graph.heads(),
        graph.chunkBytes(),
        stored == null ? 0 : stored.chunk().length(),
        graph.size() - commits.committed(),
        admission.waiting(),
        admission.waitingBytes(),
        authorized.indexBytes(),
        everyone.size(),
        events.observers(),
        commits.inTrouble(),
        false,
        false,
        inDetail ? everyone.stream().map(this::describe).toList() : List.of());
  }

  private DocumentDescription.PeerDescription describe(PeerSession session) {
    return new DocumentDescription.PeerDescription(
        session.peer.id(),
        session.peer.caller().identity(),
        session.peer.caller().role(),
        session.peer.framesWaiting(),
        acknowledgements.waitsForItsChanges(session),
        receiver.deferred(session),
        session.closed);
  }

  /**
   * Closes all connections, whose clients then reconnect.
   *
   * @return the number of connections
   */
  int disconnectAll() {
    peers.disconnect(CloseCodes.RESTART, "this document was closed; reconnect");
    return everyone.size();
  }

  // After the commands.

  /**
   * Hands changes to the store and sends messages.
   *
   * @return nanoseconds until the next step is needed
   */
  long settle(long now) {
    admitPortion(now);
    if (fanout.hasWork()) {
      stalls.traffic(now);
    }
    if (stalls.isCheckDue(now)) {
      stalls.check(everyone, this::mayBeSlow, now).forEach(fanout::resetSync);
    }
    do {
      fanout.send();
    } while (receiver.handleDeferred(now));
    var wait = commits.retry(now);
    if (graph.isEmpty()) {
      wait = Math.min(wait, requests.answer(peers.haveUnknownHeads(), now));
    } else {
      requests.clear();
    }
    var crowded = everyone.size() >= services.limits().ephemeral().crowdPeers();
    wait = Math.min(wait, outgoing.flush(crowded, now));
    commits.append();
    if (receiver.hasPortions()) {
      wait = 0; // handle the commands that arrived meanwhile, then continue with the next portion
    }
    wait = Math.min(wait, stalls.nanosToCheck(now));
    return nodes == null
        ? wait
        : Math.min(
            wait, nodes.settle(admission.missing(), acknowledgements.isOwnChangeOnItsWay(), now));
  }

  private void admitPortion(long now) {
    var departed = receiver.admitPortion(now);
    if (departed.isPresent() && peers.isAttached(departed.get().session())) {
      depart(departed.get().session(), departed.get().goodbye());
    }
  }

  /**
   * Whether the peer has a reason to be behind: it is held back until a commit, or its socket has
   * not taken all messages.
   */
  private boolean mayBeSlow(PeerSession session) {
    return fanout.isHeldBack(session)
        || receiver.deferred(session) > 0
        || session.peer.framesWaiting() > 0;
  }

  // For the worker.

  boolean isIdle() {
    return everyone.isEmpty()
        && events.observers() == 0
        && commits.isCurrent()
        && !acknowledgements.hasWaiters();
  }

  boolean inTrouble() {
    return commits.inTrouble();
  }

  /** The cost of the messages that are not completely admitted. */
  long unfinishedCost() {
    return receiver.unfinishedCost();
  }

  /** The log, for compaction; empty unless all its changes are committed. */
  Optional<ChangeGraph> committedGraph() {
    return commits.isCurrent() ? Optional.of(graph) : Optional.empty();
  }

  /** The number of operations in all changes. */
  long operations() {
    return authorized.operations();
  }

  Optional<Snapshot> snapshot() {
    return Optional.ofNullable(snapshot);
  }

  /** Tells all peers, waiters and observers that the document failed. */
  void fail(Throwable cause) {
    peers.disconnect(CloseCodes.DEFECT, "this document failed on the server; reconnect");
    acknowledgements.fail(cause);
    events.failed(cause);
  }
}
