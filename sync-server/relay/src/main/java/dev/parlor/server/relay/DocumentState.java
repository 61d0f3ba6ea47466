package dev.parlor.server.relay;

import dev.parlor.crdt.format.ChangeChunk;
import dev.parlor.crdt.graph.ChangeGraph;
import dev.parlor.crdt.identity.Bytes;
import dev.parlor.crdt.identity.ChangeHash;
import dev.parlor.crdt.identity.DocumentId;
import dev.parlor.crdt.sync.PeerSync;
import dev.parlor.crdt.sync.SyncEncoder;
import dev.parlor.crdt.sync.SyncEncoder.Snapshot;
import dev.parlor.crdt.wire.WireCodec;
import dev.parlor.crdt.wire.WireMessage;
import dev.parlor.server.nodes.NodeBus;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/**
 * The state of one document and of the peers that have it open. It admits changes, sends them to
 * all other peers, and knows which changes are on disk. Belongs to the document's worker; has no
 * threads, clock or files. {@link DocumentWorker} gives it commands, and calls {@link #settle} when
 * all waiting commands are handled.
 *
 * <h2>Fan-out</h2>
 *
 * Commands only change state and mark peers as due. Then {@code settle} hands new changes to the
 * store and sends messages: to every peer when the graph grew, otherwise to the peers that are due.
 * So changes that arrive together are sent together, and an acknowledgement makes only its sender
 * due.
 *
 * <h2>Acknowledgements</h2>
 *
 * Every sync message carries our heads, and heads that cover a change tell its author that the
 * change is safe. So a peer that delivered an uncommitted change is sent nothing until the commit
 * [DU1]; the commit makes the peer due again. A peer that writes faster than the disk commits would
 * otherwise starve: after {@link CommitWait#HELD_NANOS} its further messages are deferred until the
 * server has sent to it.
 */
final class DocumentState {

  private static final String FULL_OF_PEERS = "this document has the maximum number of peers";

  private final DocumentId id;
  private final RelayServices context;
  private final ChangeGraph graph;
  private final ChangeAdmission admission;
  private final CommitLog commits;
  private final SyncEncoder encoder;
  private final EphemeralFanout ephemerals;
  private final Outgoing outgoing;
  private final StallDetector stalls;

  private final IdentityHashMap<Peer, PeerSession> sessions = new IdentityHashMap<>();

  /**
   * Above this many peers the commit thread is woken before the fan-out, so that both run in
   * parallel. With fewer peers it is woken after the fan-out, since it would interrupt this thread.
   */
  private static final int STORE_FIRST_PEERS = 32;

  /**
   * The same sessions in order of arrival, for fast iteration: most of a document's work is
   * iterating over its peers.
   */
  private final List<PeerSession> everyone = new ArrayList<>();

  private List<PeerSession> due = new ArrayList<>();
  private List<PeerSession> dueBefore = new ArrayList<>();
  private final PendingRequests requests;

  private final DeferredMessages deferred = new DeferredMessages();

  /** Peers with a message that is admitted in portions, one portion in each step, in turn. */
  private final ArrayDeque<PeerSession> portioned = new ArrayDeque<>(0);

  /** Peers to reset sync with, since there is space for their changes again [SY7]. */
  private final List<PeerSession> toReset = new ArrayList<>(0);

  private final List<DocumentObserver> observers = new ArrayList<>();

  private record Waiter(int position, CompletableFuture<Void> done) {}

  /** The server's own submissions and flushes, by the position that they wait for, ascending. */
  private final ArrayDeque<Waiter> waiters = new ArrayDeque<>();

  private @Nullable Snapshot snapshot;

  /**
   * One past the server's own last change while that change is on its way to the disk; otherwise 0.
   * Until the commit the document sends no sync messages. After a crash in which the server lost
   * the change, a client that already had it would have to bring it back, and may not write changes
   * that only the server may make [AD6].
   */
  private int serverTo;

  /** Null when no other nodes serve the document. */
  private final @Nullable DocumentReplication nodes;

  private int sentSize;
  private Bytes lastSync = Bytes.EMPTY;
  private Bytes lastFrame = Bytes.EMPTY;

  /** Everything in the graph counts as committed. */
  DocumentState(
      DocumentId id,
      RelayServices context,
      DocumentLoader.Loaded loaded,
      CommitLog.Appender appender) {
    this(id, context, loaded, appender, null, 0);
  }

  /**
   * @param line the bus to the same document on other nodes; null without other nodes
   */
  DocumentState(
      DocumentId id,
      RelayServices context,
      DocumentLoader.Loaded loaded,
      CommitLog.Appender appender,
      NodeBus.@Nullable Line line,
      long now) {
    this.id = id;
    this.context = context;
    this.graph = loaded.graph();
    graph.limitHeads(ChangeAdmission.HEADS_MAX);
    this.snapshot = loaded.snapshot();
    this.sentSize = graph.size();
    this.commits = new CommitLog(graph, appender);
    this.encoder = new SyncEncoder(graph, () -> Optional.ofNullable(this.snapshot));
    this.outgoing = new Outgoing(context.limits().ephemeral().gatherMillis());
    this.ephemerals = new EphemeralFanout(id, context, outgoing);
    this.requests = new PendingRequests(id, context, outgoing);
    this.nodes = line == null ? null : new DocumentReplication(id, context, graph, line, now);
    this.admission =
        new ChangeAdmission(
            id, loaded, context, everyone, this::refuse, session -> toReset.add(session));
    this.stalls = new StallDetector(graph, admission, context.limits().agreement().lookMillis());
  }

  // Commands.

  void receive(Peer peer, Inbound inbound, long now) {
    var session = sessions.get(peer);
    if (session == null) {
      session = attach(peer);
    }
    if (session.closed) {
      return;
    }
    if (mustWait(session, now)) {
      if (!deferred.add(session, inbound)) {
        disconnect(session, CloseCodes.OVERLOAD, "DU1", "the disk is too slow for this client");
      }
      return;
    }
    take(session, inbound, now);
  }

  private void take(PeerSession session, Inbound inbound, long now) {
    if (!session.sync.contacted()) {
      holdIfAuthor(session, inbound.message().heads());
    }
    if (inbound.isDivided()) {
      session.portioned = new PortionedMessage(inbound);
      portioned.addLast(session);
    } else if (refuseUnread(session, inbound) && enter(session, inbound.changes())) {
      taken(session, inbound, now);
    }
  }

  /** Admits the next portion of one of the messages that are too large for one step. */
  private void takePortion(long now) {
    var session = portioned.pollFirst();
    if (session == null) {
      return;
    }
    var message = Objects.requireNonNull(session.portioned);
    if (!session.closed
        && (message.isStarted() || refuseUnread(session, message.inbound()))
        && enter(session, message.next())) {
      if (message.hasNext()) {
        portioned.addLast(session);
        return;
      }
      session.portioned = null;
      taken(session, message.inbound(), now);
    }
    session.portioned = null;
    if (message.afterwards() != PortionedMessage.Afterwards.STAY && everyone.contains(session)) {
      gone(session, message.afterwards() == PortionedMessage.Afterwards.DETACH_WITH_GOODBYE);
    }
  }

  /**
   * Refuses the unread changes.
   *
   * @return false when the peer was disconnected because of them
   */
  private boolean refuseUnread(PeerSession session, Inbound inbound) {
    if (!inbound.unread().isEmpty()) {
      admission.refuseUnread(session, inbound.unread());
    }
    return !session.closed;
  }

  /**
   * Admits changes.
   *
   * @return false when the peer was disconnected because of them
   */
  private boolean enter(PeerSession session, List<ChangeChunk> changes) {
    if (changes.isEmpty()) {
      return true;
    }
    var awaiting = awaiting();
    var added = new ArrayList<Bytes>(changes.size());
    admission.enter(session, changes, added);
    if (!added.isEmpty()) {
      awaiting.forEach(one -> one.commitWait.extendTo(graph.size()));
    }
    notifyObservers(added, new ChangeOrigin.FromPeer(session.peer.id(), session.peer.caller()));
    toReset.forEach(this::resetSync);
    toReset.clear();
    return !session.closed;
  }

  /** Handles the rest of a message after all its changes were admitted. */
  private void taken(PeerSession session, Inbound inbound, long now) {
    session.commitWait.measure(commits.committed(), now);
    session.sync.received(inbound.message());
    if (session.disagreement != null) {
      session.disagreement.active();
    }
    if (graph.isEmpty() && session.sync.theirHeads().isEmpty()) {
      requests.add(session, now);
    }
    due(session);
  }

  /**
   * A peer that comes back, here or from another node, may be the author of changes that are not on
   * disk yet. It counts as having delivered those that its heads cover [DU1].
   */
  private void holdIfAuthor(PeerSession session, List<ChangeHash> heads) {
    if (commits.isCurrent()) {
      return;
    }
    for (var head : heads) {
      var position = graph.position(head);
      if (position < 0) {
        session.commitWait.extendTo(graph.size()); // the unknown head may follow any change
      } else if (position >= commits.committed()) {
        session.commitWait.extendTo(position + 1);
      }
    }
  }

  /**
   * The peers that have heads that are not here. Such a peer may be the author of changes that
   * another peer brings, and must not get them acknowledged before they are on disk [DU1].
   */
  private List<PeerSession> awaiting() {
    List<PeerSession> awaiting = List.of();
    for (var i = 0; i < everyone.size(); i++) {
      var one = everyone.get(i);
      if (!one.sync.missingHeads().isEmpty()) {
        if (awaiting.isEmpty()) {
          awaiting = new ArrayList<>(1);
        }
        awaiting.add(one);
      }
    }
    return awaiting;
  }

  private boolean mustWait(PeerSession session, long now) {
    return session.portioned != null || deferred.has(session) || session.commitWait.isTooLong(now);
  }

  void say(Peer peer, WireMessage.Ephemeral message) {
    var session = sessions.get(peer);
    if (session == null || session.closed) {
      context.metrics().ephemeralDropped("unread");
    } else if (!session.ephemeralCounts.recordIfNewer(message.sessionId(), message.count())) {
      context.metrics().ephemeralDropped("duplicate");
    } else {
      ephemerals.forward(message, everyone, session);
      if (nodes != null) {
        nodes.say(message);
      }
    }
  }

  void leave(Peer peer, boolean goodbye) {
    var session = sessions.remove(peer);
    if (session == null) {
      return;
    }
    if (session.portioned != null && !session.closed) {
      session.portioned.connectionEnded(goodbye);
      return;
    }
    gone(session, goodbye);
  }

  private void gone(PeerSession session, boolean goodbye) {
    detach(session);
    if (goodbye && !session.ephemeralCounts.isEmpty()) {
      tellNodes(ephemerals.goodbye(session.peer.id(), everyone));
    }
  }

  void submit(List<ChangeChunk> changes, CompletableFuture<Void> done) {
    var added = new ArrayList<Bytes>(changes.size());
    var refusal = admission.submit(changes, added);
    notifyObservers(added, new ChangeOrigin.Server());
    if (!added.isEmpty() && !commits.inTrouble()) {
      serverTo = graph.size();
    }
    if (refusal.isPresent()) {
      done.completeExceptionally(
          new SubmissionException(refusal.get().rule(), refusal.get().reason()));
    } else {
      whenCommitted(done);
    }
  }

  void broadcast(Bytes data) {
    tellNodes(ephemerals.broadcast(data, everyone));
  }

  private void tellNodes(WireMessage.Ephemeral message) {
    if (nodes != null) {
      nodes.say(message);
    }
  }

  /** Another node's sync message; that node has admitted its changes. */
  void heard(Inbound inbound) {
    var from = Objects.requireNonNull(nodes, "a server without other nodes has no bus");
    if (!inbound.changes().isEmpty()) {
      var awaiting = awaiting();
      var added = new ArrayList<Bytes>(inbound.changes().size());
      admission.admitted(
          from.session(),
          inbound.changes(),
          added,
          (change, why) -> {
            from.rejected(change.hash());
            logMisfit(why.rule(), why.reason());
          });
      if (!added.isEmpty()) {
        awaiting.forEach(one -> one.commitWait.extendTo(graph.size()));
      }
      notifyObservers(added, new ChangeOrigin.FromNode());
    }
    inbound.unread().forEach(change -> logMisfit(change.rule(), change.reason()));
    from.heard(inbound.message(), !inbound.changes().isEmpty());
  }

  private void logMisfit(String rule, String reason) {
    context.metrics().refused(rule);
    context
        .refusals()
        .say(
            log ->
                log.error(
                    "document {}: a change that another node admitted does not fit: [{}] {}",
                    id,
                    rule,
                    reason));
  }

  /** An ephemeral message that another node passed on. */
  void heardSaid(WireMessage.Ephemeral message) {
    if (Objects.requireNonNull(nodes).isNew(message)) {
      ephemerals.forward(message, everyone, null);
    } else {
      context.metrics().ephemeralDropped("duplicate");
    }
  }

  /** Messages from other nodes may have been lost. */
  void resumed() {
    Objects.requireNonNull(nodes).resumed();
  }

  void observe(DocumentObserver observer) {
    observers.add(observer);
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
    observers.remove(observer);
  }

  void appended(int from, Optional<Throwable> failure, long now) {
    if (failure.isPresent()) {
      commits.refused(from, now);
      serverCommitted(); // stop waiting for a disk that refuses
    } else if (commits.taken(from)) {
      committed();
    }
  }

  void compacted(Snapshot made) {
    snapshot = made;
  }

  void flush(CompletableFuture<Void> done) {
    commits.append();
    whenCommitted(done);
  }

  // For the operator.

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
        admission.indexBytes(),
        everyone.size(),
        observers.size(),
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
        session.commitWait.isOpen(commits.committed()),
        deferred.count(session),
        session.closed);
  }

  /**
   * Closes all connections, whose clients then reconnect.
   *
   * @return the number of connections
   */
  int dismiss() {
    for (var session : everyone) {
      session.closed = true;
      session.peer.close(CloseCodes.RESTART, "room", "this document was closed; reconnect");
    }
    return everyone.size();
  }

  // After the commands.

  /**
   * Hands changes to the store and sends messages.
   *
   * @return nanoseconds until the next step is needed
   */
  long settle(long now) {
    takePortion(now);
    if (!due.isEmpty() || graph.size() != sentSize) {
      stalls.traffic(now);
    }
    if (stalls.isCheckDue(now)) {
      stalls.check(everyone, this::mayBeSlow, now).forEach(this::resetSync);
    }
    do {
      sendToDuePeers();
    } while (takeDeferred(now));
    var wait = commits.retry(now);
    if (graph.isEmpty()) {
      wait = Math.min(wait, requests.answer(supplierIsComing(), now));
    } else {
      requests.clear();
    }
    var crowd = everyone.size() >= context.limits().ephemeral().crowdPeers();
    wait = Math.min(wait, outgoing.flush(crowd, now));
    commits.append();
    if (!portioned.isEmpty()) {
      wait = 0; // handle the commands that arrived meanwhile, then continue with the next portion
    }
    wait = Math.min(wait, stalls.nanosToCheck(now));
    return nodes == null
        ? wait
        : Math.min(wait, nodes.settle(admission.missing(), serverTo > 0, now));
  }

  /**
   * Handles the deferred messages of peers whose changes are all committed.
   *
   * @return whether there were any
   */
  private boolean takeDeferred(long now) {
    return deferred.resume(
        session ->
            !session.closed
                && session.portioned == null
                && !session.commitWait.isOpen(commits.committed()),
        (session, inbound) -> take(session, inbound, now));
  }

  private void sendToDuePeers() {
    var grew = graph.size() != sentSize;
    if (grew) {
      if (everyone.size() > STORE_FIRST_PEERS) {
        commits.append();
      }
      var news = graph.size() - sentSize;
      sentSize = graph.size();
      for (var i = 0; i < everyone.size(); i++) {
        send(everyone.get(i));
      }
      context.metrics().changesSent(news * Math.max(0, everyone.size() - 1));
    }
    var round = due;
    due = dueBefore;
    dueBefore = round;
    for (var i = 0; i < round.size(); i++) {
      var session = round.get(i);
      session.due = false;
      if (!grew) {
        send(session);
      }
    }
    round.clear();
  }

  boolean isIdle() {
    return everyone.isEmpty() && observers.isEmpty() && commits.isCurrent() && waiters.isEmpty();
  }

  boolean inTrouble() {
    return commits.inTrouble();
  }

  /** The log, for compaction; empty unless all its changes are committed. */
  Optional<ChangeGraph> committedGraph() {
    return commits.isCurrent() ? Optional.of(graph) : Optional.empty();
  }

  /** The number of operations in all changes. */
  long operations() {
    return admission.operations();
  }

  Optional<Snapshot> snapshot() {
    return Optional.ofNullable(snapshot);
  }

  /** Tells all peers, waiters and observers that the document failed. */
  void fail(Throwable cause) {
    for (var session : List.copyOf(everyone)) {
      session.peer.close(
          CloseCodes.DEFECT, "room", "this document failed on the server; reconnect");
    }
    for (var waiter : waiters) {
      waiter
          .done()
          .completeExceptionally(new SubmissionException("room", "the document failed", cause));
    }
    for (var observer : observers) {
      observer.failed(cause);
    }
  }

  // Peers.

  private PeerSession attach(Peer peer) {
    var session =
        new PeerSession(peer, graph, context.limits().ephemeral().sessionsPerConnectionMax());
    if (everyone.size() >= context.limits().rooms().peersMax()) {
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
    for (var observer : observers) {
      observer.peerJoined(peer.id(), peer.caller());
    }
    return session;
  }

  /**
   * The document has too many peers. A connection that may open other documents stays open, and may
   * ask again.
   */
  private void turnAway(PeerSession session) {
    var why = new ChangeAdmission.Refusal(CloseCodes.OVERLOAD, "room", FULL_OF_PEERS);
    session.closed = true;
    if (session.peer.caller().scope().isPresent()) {
      disconnect(session, why.code(), why.rule(), why.reason());
      return;
    }
    refuse(session, why);
    session.peer.offer(
        WireCodec.shared(new WireMessage.DocUnavailable(context.server(), session.peer.id(), id)),
        session.target);
    session.peer.flush();
  }

  private void detach(PeerSession session) {
    session.closed = true;
    everyone.remove(session);
    requests.remove(session);
    admission.forget(session.peer);
    for (var observer : observers) {
      observer.peerLeft(session.peer.id(), session.peer.caller());
    }
    if (everyone.isEmpty()) {
      // These are copies of the document, and no peer is left to send them to.
      encoder.forget();
      lastSync = Bytes.EMPTY;
      lastFrame = Bytes.EMPTY;
    }
  }

  /** The weight of the messages that are not completely admitted. */
  long unfinishedWeight() {
    var weight = 0L;
    for (var session : portioned) {
      weight += Objects.requireNonNull(session.portioned).inbound().weight();
    }
    return weight;
  }

  private void due(PeerSession session) {
    if (!session.due) {
      session.due = true;
      due.add(session);
    }
  }

  /**
   * Refuses one of the peer's changes; the connection stays open unless the refusal must end it.
   */
  private void refuse(PeerSession session, ChangeAdmission.Refusal why) {
    if (nodes != null && nodes.are(session)) {
      logMisfit(why.rule(), why.reason());
      return;
    }
    context.metrics().refused(why.rule());
    if (session.peer.refuse(id, why.code(), why.rule(), why.reason())) {
      log("refused a change of peer {}", session, why.rule(), why.reason());
    } else {
      session.closed = true;
      log("sent peer {} away", session, why.rule(), why.reason());
    }
  }

  private void disconnect(PeerSession session, int code, String rule, String reason) {
    context.metrics().refused(rule);
    log("sent peer {} away", session, rule, reason);
    session.closed = true;
    session.peer.close(code, rule, reason);
  }

  private void log(String action, PeerSession session, String rule, String reason) {
    context
        .refusals()
        .say(
            log ->
                log.info(
                    "document {}: " + action + ": [{}] {}", id, session.peer.id(), rule, reason));
  }

  // Changes.

  private void notifyObservers(List<Bytes> added, ChangeOrigin origin) {
    if (added.isEmpty()) {
      return;
    }
    var bytes = 0L;
    for (var chunk : added) {
      bytes += chunk.length();
    }
    context.metrics().changesAdmitted(added.size(), bytes);
    for (var observer : observers) {
      observer.changed(added, origin);
    }
  }

  private void whenCommitted(CompletableFuture<Void> done) {
    if (commits.isCurrent()) {
      done.complete(null);
    } else {
      waiters.add(new Waiter(graph.size(), done));
    }
  }

  private void committed() {
    while (!waiters.isEmpty() && waiters.peekFirst().position() <= commits.committed()) {
      waiters.removeFirst().done().complete(null);
    }
    for (var session : everyone) {
      if (session.commitWait.endIfCommitted(commits.committed())) {
        due(session);
      }
    }
    if (serverTo > 0 && serverTo <= commits.committed()) {
      serverCommitted();
    }
    commits.append();
  }

  private void serverCommitted() {
    if (serverTo > 0) {
      serverTo = 0;
      everyone.forEach(this::due);
    }
  }

  // Sending.

  private boolean isHeld(PeerSession to) {
    return serverTo > 0 || to.commitWait.isOpen(commits.committed()) || to.portioned != null;
  }

  /**
   * Whether the peer has a reason to be behind: it is held back until a commit, or its socket has
   * not taken all messages.
   */
  private boolean mayBeSlow(PeerSession to) {
    return isHeld(to) || deferred.has(to) || to.peer.framesWaiting() > 0;
  }

  /**
   * Resets sync with a peer: a message to or from it was lost, and no later message repairs that
   * [SY12].
   */
  private void resetSync(PeerSession with) {
    context.metrics().startedOver();
    with.sync = with.sync.afresh();
    outgoing.offer(with, frame(PeerSync.STARTING_OVER));
    due(with);
  }

  private void send(PeerSession to) {
    if (to.closed || isHeld(to)) {
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

  /** The frame around a sync message. The encoder gives the same instance to many peers [SY6]. */
  @SuppressWarnings("ReferenceEquality") // equal bytes of another instance are encoded again
  private Bytes frame(Bytes data) {
    if (data != lastSync) {
      lastSync = data;
      lastFrame =
          WireCodec.shared(new WireMessage.Sync(context.server(), context.server(), id, data));
    }
    return lastFrame;
  }

  private boolean supplierIsComing() {
    for (var session : everyone) {
      if (!session.closed && !session.sync.missingHeads().isEmpty()) {
        return true;
      }
    }
    return false;
  }
}
