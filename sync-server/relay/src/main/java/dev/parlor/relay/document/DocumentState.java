package dev.parlor.relay.document;

import dev.parlor.crdt.format.ChangeChunk;
import dev.parlor.crdt.graph.ChangeGraph;
import dev.parlor.crdt.identity.Bytes;
import dev.parlor.crdt.identity.ChangeHash;
import dev.parlor.crdt.identity.DocumentId;
import dev.parlor.crdt.identity.PeerId;
import dev.parlor.crdt.identity.SessionId;
import dev.parlor.crdt.sync.SyncEncoder;
import dev.parlor.crdt.sync.SyncEncoder.Snapshot;
import dev.parlor.crdt.wire.WireMessage;
import dev.parlor.relay.admission.Caller;
import dev.parlor.relay.nodes.NodeBus;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * The state of one document and of the peers that have it open. Belongs to the document's worker;
 * has no threads, clock or files. In each step {@link OpenDocument} calls one method for each
 * command, and then {@link #settle}.
 *
 * <p>This class passes each command to the part that handles it. Commands only change state and
 * mark peers as due. Then {@code settle} hands new changes to the store and sends messages. So
 * changes that arrive together are sent together, and an acknowledgement makes only its sender due.
 *
 * <p>The parts:
 *
 * <ul>
 *   <li>for incoming messages: {@link AttachedPeers}, {@link SyncReceiver}, {@link ChangeAdmission}
 *   <li>for outgoing messages: {@link SyncFanout}, {@link EphemeralFanout}, {@link OutgoingFrames}
 *   <li>for the disk: {@link Acknowledgements}, {@link CommitLog}
 *   <li>for requests of a document without content: {@link PendingRequests}
 *   <li>for lost messages: {@link StallDetector}
 *   <li>for other nodes: {@link DocumentReplication}
 * </ul>
 */
final class DocumentState {

  private final DocumentId id;
  private final RelayServices services;
  private final ChangeGraph graph;

  private final AttachedPeers peers;

  /** The live list of {@link AttachedPeers#sessions}. */
  private final List<PeerSession> sessions;

  private final CommitLog commits;
  private final Acknowledgements acknowledgements;
  private final RefusalNotices notices;
  private final AuthorizedGraph authorized;
  private final ChangeAdmission admission;
  private final OutgoingFrames outgoing;
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

  /** The chunk in which a peer uploaded the document; null once a snapshot is stored. */
  private @Nullable Snapshot uploaded;

  /** For a server without other nodes. Everything in the graph counts as committed. */
  DocumentState(
      DocumentId id,
      RelayServices services,
      DocumentLoader.Loaded loaded,
      CommitLog.Appender appender) {
    this(id, services, loaded, appender, null, 0);
  }

  /**
   * @param channel the document's channel to other nodes; null without other nodes
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
    var encoder = new SyncEncoder(graph, () -> snapshot().or(this::uploaded));
    this.nodes =
        channel == null ? null : new DocumentReplication(id, services, graph, channel, now);
    this.notices = new RefusalNotices(id, services);
    this.events = new DocumentEvents(id, services, graph);
    this.peers = new AttachedPeers(id, services, graph, notices, events, this::forget);
    this.sessions = peers.sessions();
    this.outgoing = new OutgoingFrames(limits.ephemeral().gatherMillis());
    this.ephemerals = new EphemeralFanout(id, services, sessions, outgoing, events, nodes);
    this.requests = new PendingRequests(id, services, outgoing);
    this.commits =
        new CommitLog(
            graph,
            (from, records) -> {
              authorized.repeatOwners();
              appender.append(from, records);
            });
    this.acknowledgements =
        new Acknowledgements(graph, commits, sessions, this::markDue, channel != null);
    this.admission = new ChangeAdmission(id, services, authorized, sessions, notices);
    this.fanout =
        new SyncFanout(
            id, services, graph, encoder, sessions, admission, acknowledgements, commits, outgoing);
    this.receiver =
        new SyncReceiver(
            graph,
            admission,
            acknowledgements,
            fanout,
            requests,
            events,
            notices,
            this::setUploaded);
    this.stalls = new StallDetector(graph, admission, limits.stallDetection().checkMillis());
  }

  private void markDue(PeerSession session) {
    fanout.markDue(session);
  }

  // Commands of peers.

  /** A peer's sync message; the first one opens the document for that peer. */
  void receive(Peer peer, InboundMessage inbound, long now) {
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
   * Detaches a peer whose connection ended.
   *
   * @param goodbye whether to send a goodbye to the other peers [EP5]
   */
  void leave(Peer peer, boolean goodbye) {
    var session = peers.remove(peer);
    if (session == null) {
      return;
    }
    if (session.portioned != null && !session.closed) {
      session.portioned.connectionEnded(goodbye);
    } else {
      detach(session, goodbye);
    }
  }

  private void detach(PeerSession session, boolean goodbye) {
    peers.detach(session);
    if (goodbye) {
      ephemerals.goodbye(session);
    }
  }

  /** Frees the data that the document keeps for a detached peer. */
  private void forget(PeerSession detached) {
    requests.remove(detached);
    admission.forget(detached);
    if (sessions.isEmpty()) {
      fanout.forgetEncodings();
    }
  }

  // Commands of other nodes.

  void receiveFromNode(InboundMessage inbound) {
    receiver.receiveFromNode(replication(), inbound);
  }

  void receiveEphemeralFromNode(WireMessage.Ephemeral message) {
    ephemerals.receiveFromNode(message);
  }

  /** Handles the end of a bus failure, in which messages of other nodes may have been lost. */
  void busResumed() {
    replication().busResumed();
  }

  private DocumentReplication replication() {
    return Objects.requireNonNull(nodes, "a server without other nodes has no bus");
  }

  // Commands of the server itself.

  /** Whether these are the document's heads, ascending. */
  boolean hasHeads(List<ChangeHash> heads) {
    return graph.heads().stream().sorted().toList().equals(heads);
  }

  /** As {@link #submit(List, Optional, CompletableFuture)}, for the server itself. */
  void submit(List<ChangeChunk> changes, CompletableFuture<Void> done) {
    submit(changes, Optional.empty(), done);
  }

  /**
   * Adds the server's own changes.
   *
   * @param author the caller for whom the server made the changes
   */
  void submit(List<ChangeChunk> changes, Optional<Caller> author, CompletableFuture<Void> done) {
    var added = new ArrayList<Bytes>(changes.size());
    var refusal = admission.admitOwn(changes, author, added);
    receiver.report(added, new ChangeOrigin.Server());
    if (!added.isEmpty()) {
      acknowledgements.holdBackAll();
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

  void broadcastAs(PeerId sender, SessionId session, long count, Bytes data) {
    ephemerals.broadcastAs(sender, session, count, data);
  }

  void observe(DocumentObserver observer) {
    events.add(observer);
    if (observer.needsContent()) {
      sendContent(observer);
    }
    for (var session : sessions) {
      observer.peerJoined(session.peer.id(), session.peer.caller());
    }
  }

  private void sendContent(DocumentObserver observer) {
    var stored = snapshot;
    var positions = graph.since(stored == null ? List.of() : stored.heads());
    var changes = new ArrayList<Bytes>(positions.length);
    for (var position : positions) {
      changes.add(graph.chunkAt(position));
    }
    observer.opened(Optional.ofNullable(stored).map(Snapshot::chunk), changes);
  }

  void unobserve(DocumentObserver observer) {
    events.remove(observer);
  }

  /** Completes the future when all changes are on disk. */
  void flush(CompletableFuture<Void> done) {
    commits.append();
    acknowledgements.whenCommitted(done);
  }

  /**
   * Completes the future with the changes since these heads, when all of them are on disk.
   *
   * @param since empty to read the heads only
   */
  void readChanges(Optional<List<ChangeHash>> since, CompletableFuture<DocumentChanges> done) {
    var positions = since.map(graph::since).orElse(new int[0]);
    var chunks = new ArrayList<Bytes>(positions.length);
    for (var position : positions) {
      chunks.add(graph.chunkAt(position));
    }
    var changes =
        new DocumentChanges(
            graph.heads(), chunks, since.orElse(List.of()).stream().allMatch(graph::contains));
    var committed = new CompletableFuture<Void>();
    var _ =
        committed.whenComplete(
            (_, failure) -> {
              if (failure == null) {
                done.complete(changes);
              } else {
                done.completeExceptionally(failure);
              }
            });
    flush(committed);
  }

  // Answers of the store and of compaction.

  void appended(int from, Optional<Throwable> failure, long now) {
    acknowledgements.appended(from, failure, now);
  }

  void compacted(Snapshot newSnapshot) {
    snapshot = newSnapshot;
    uploaded = null;
  }

  /** Another node removed the stored snapshot. */
  void withoutSnapshot() {
    snapshot = null;
    uploaded = null;
  }

  /** Whether the document has all these changes. */
  boolean hasChanges(List<ChangeHash> hashes) {
    return hashes.stream().allMatch(graph::contains);
  }

  private void setUploaded(Snapshot chunk) {
    uploaded = snapshot == null ? chunk : null;
  }

  /** The chunk in which a peer uploaded the document, until a snapshot is stored. */
  Optional<Snapshot> uploaded() {
    return Optional.ofNullable(uploaded);
  }

  // Commands of the operator.

  /** A description without the two values that only {@link OpenDocument} knows. */
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
        sessions.size(),
        events.observers(),
        commits.hasRefusedRuns(),
        false,
        false,
        inDetail ? sessions.stream().map(this::describe).toList() : List.of());
  }

  private DocumentDescription.PeerDescription describe(PeerSession session) {
    return new DocumentDescription.PeerDescription(
        session.peer.id(),
        session.peer.caller().identity(),
        session.role,
        session.peer.framesWaiting(),
        acknowledgements.awaitsCommit(session),
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
    return sessions.size();
  }

  /**
   * Ends the sessions of all peers, whose connections stay open, and the observers.
   *
   * @param notice tells a peer the reason
   * @param cause the reason for the observers
   */
  void dismissAll(Consumer<Peer> notice, Throwable cause) {
    for (var session : List.copyOf(sessions)) {
      if (!session.closed) {
        notice.accept(session.peer);
      }
      peers.remove(session.peer);
      peers.detach(session);
    }
    events.failed(cause);
    events.removeAll();
  }

  // After the commands of a step.

  /**
   * Hands changes to the store and sends messages.
   *
   * @return nanoseconds until the next step is needed
   */
  long settle(long now) {
    commits.measureProgress(now);
    admitPortion(now);
    if (fanout.hasWork()) {
      stalls.scheduleCheck(now);
    }
    if (stalls.isCheckDue(now)) {
      stalls.check(sessions, this::mayBeSlow, now).forEach(fanout::resetSync);
    }
    do {
      fanout.send();
    } while (receiver.handleDeferred(now));
    var wait = commits.retry(now);
    if (graph.isEmpty()) {
      wait = Math.min(wait, requests.answer(peers.haveMissingHeads(), now));
    } else {
      requests.clear();
    }
    var isCrowded = sessions.size() >= services.limits().ephemeral().crowdPeers();
    wait = Math.min(wait, outgoing.flush(isCrowded, now));
    if (!commits.hasRefusedRuns()) {
      authorized.repeatOwners();
    }
    commits.append();
    if (receiver.hasPortions()) {
      wait = 0; // the next step handles new commands first, then the next portion
    }
    wait = Math.min(wait, receiver.nanosToDeferred(now));
    wait = Math.min(wait, stalls.nanosToCheck(now));
    return nodes == null
        ? wait
        : Math.min(
            wait,
            nodes.settle(admission.missing(), acknowledgements.hasUncommittedOwnChanges(), now));
  }

  private void admitPortion(long now) {
    var departed = receiver.admitPortion(now);
    if (departed.isPresent() && peers.isAttached(departed.get().session())) {
      detach(departed.get().session(), departed.get().goodbye());
    }
  }

  /**
   * Whether the peer has a reason to be behind: it is held back until a commit, some of its
   * messages are deferred, or frames wait for its socket.
   */
  private boolean mayBeSlow(PeerSession session) {
    return fanout.isHeldBack(session)
        || receiver.deferred(session) > 0
        || session.peer.framesWaiting() > 0;
  }

  // For OpenDocument.

  /** Whether the document has no peers, observers, waiting futures or uncommitted changes. */
  boolean isIdle() {
    return sessions.isEmpty()
        && events.observers() == 0
        && commits.isCurrent()
        && !acknowledgements.hasWaiters();
  }

  /** Whether the store refused changes that are not committed yet. */
  boolean hasRefusedAppends() {
    return commits.hasRefusedRuns();
  }

  /** The cost of the messages that are admitted in portions and not finished. */
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

  /** Closes all connections, fails all waiting futures and notifies the observers. */
  void fail(Throwable cause) {
    peers.disconnect(CloseCodes.DEFECT, "this document failed on the server; reconnect");
    acknowledgements.fail(cause);
    events.failed(cause);
  }
}
