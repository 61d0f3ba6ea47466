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
import dev.parlor.server.config.FixedLimits;
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
 * otherwise starve: after {@link #HELD_NANOS} its further messages are deferred until the server
 * has sent to it.
 */
final class DocumentState {

  private static final String FULL_OF_PEERS = "this document has its full number of peers";

  static final long HELD_NANOS = FixedLimits.HELD_MILLIS_MAX * 1_000_000L;

  private final DocumentId id;
  private final RelayServices context;
  private final ChangeGraph graph;
  private final ChangeAdmission intake;
  private final CommitLog commits;
  private final SyncEncoder encoder;
  private final EphemeralFanout air;
  private final Outgoing outgoing;
  private final StallDetector agreement;

  private final IdentityHashMap<Peer, PeerSession> attachments = new IdentityHashMap<>();

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
  private final PendingRequests askers;

  /** Peers with deferred messages. */
  private final List<PeerSession> putOff = new ArrayList<>();

  /** Peers with a message that is admitted in portions, one portion in each step, in turn. */
  private final ArrayDeque<PeerSession> unfinished = new ArrayDeque<>(0);

  /** Peers to reset sync with, since there is space for their changes again [SY7]. */
  private final List<PeerSession> again = new ArrayList<>(0);

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

  private int spokenSize;
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
    this.spokenSize = graph.size();
    this.commits = new CommitLog(graph, appender);
    this.encoder = new SyncEncoder(graph, () -> Optional.ofNullable(this.snapshot));
    this.outgoing = new Outgoing(context.limits().ephemeral().gatherMillis());
    this.air = new EphemeralFanout(id, context, outgoing);
    this.askers = new PendingRequests(id, context, outgoing);
    this.nodes = line == null ? null : new DocumentReplication(id, context, graph, line, now);
    this.intake =
        new ChangeAdmission(
            id, loaded, context, everyone, this::refuse, attachment -> again.add(attachment));
    this.agreement = new StallDetector(graph, intake, context.limits().agreement().lookMillis());
  }

  // Commands.

  void receive(Peer peer, Inbound inbound, long now) {
    var attachment = attachments.get(peer);
    if (attachment == null) {
      attachment = attach(peer);
    }
    if (attachment.closed) {
      return;
    }
    if (isHeldTooLong(attachment, now)) {
      if (attachment.putOff.size() >= FixedLimits.PUT_OFF_MESSAGES_MAX) {
        sendAway(attachment, CloseCodes.OVERLOAD, "DU1", "the disk is too slow for this client");
      } else {
        if (attachment.putOff.isEmpty()) {
          putOff.add(attachment);
        }
        attachment.putOff.add(inbound);
      }
      return;
    }
    take(attachment, inbound, now);
  }

  private void take(PeerSession attachment, Inbound inbound, long now) {
    if (!attachment.sync.contacted()) {
      holdIfAuthor(attachment, inbound.message().heads());
    }
    if (inbound.isDivided()) {
      attachment.unfinished = inbound;
      attachment.portion = 0;
      unfinished.addLast(attachment);
    } else if (refuseUnread(attachment, inbound) && enter(attachment, inbound.changes())) {
      taken(attachment, inbound, now);
    }
  }

  /** Admits the next portion of one of the messages that are too large for one step. */
  private void takePortion(long now) {
    var attachment = unfinished.pollFirst();
    if (attachment == null) {
      return;
    }
    var inbound = Objects.requireNonNull(attachment.unfinished);
    if (!attachment.closed
        && (attachment.portion > 0 || refuseUnread(attachment, inbound))
        && enter(attachment, inbound.portion(attachment.portion++))) {
      if (attachment.portion < inbound.ends().size()) {
        unfinished.addLast(attachment);
        return;
      }
      attachment.unfinished = null;
      taken(attachment, inbound, now);
    }
    attachment.unfinished = null;
    if (attachment.left && everyone.contains(attachment)) {
      gone(attachment, attachment.goodbye);
    }
  }

  /**
   * Refuses the unread changes.
   *
   * @return false when the peer was disconnected because of them
   */
  private boolean refuseUnread(PeerSession attachment, Inbound inbound) {
    if (!inbound.unread().isEmpty()) {
      intake.refuseUnread(attachment, inbound.unread());
    }
    return !attachment.closed;
  }

  /**
   * Admits changes.
   *
   * @return false when the peer was disconnected because of them
   */
  private boolean enter(PeerSession attachment, List<ChangeChunk> changes) {
    if (changes.isEmpty()) {
      return true;
    }
    var awaiting = awaiting();
    var added = new ArrayList<Bytes>(changes.size());
    intake.enter(attachment, changes, added);
    if (!added.isEmpty()) {
      awaiting.forEach(one -> one.deliveredTo = graph.size());
    }
    tellChanged(added, new ChangeOrigin.FromPeer(attachment.peer.id(), attachment.peer.caller()));
    again.forEach(this::startOver);
    again.clear();
    return !attachment.closed;
  }

  /** Handles the rest of a message after all its changes were admitted. */
  private void taken(PeerSession attachment, Inbound inbound, long now) {
    attachment.heldSince =
        attachment.deliveredTo <= commits.committed()
            ? 0
            : attachment.heldSince == 0 ? Math.max(1, now) : attachment.heldSince;
    attachment.sync.received(inbound.message());
    attachment.heard = true;
    if (graph.isEmpty() && attachment.sync.theirHeads().isEmpty()) {
      askers.add(attachment, now);
    }
    due(attachment);
  }

  /**
   * A peer that comes back, here or from another node, may be the author of changes that are not on
   * disk yet. It counts as having delivered those that its heads cover [DU1].
   */
  private void holdIfAuthor(PeerSession attachment, List<ChangeHash> heads) {
    if (commits.isCurrent()) {
      return;
    }
    for (var head : heads) {
      var position = graph.position(head);
      if (position < 0) {
        attachment.deliveredTo = graph.size(); // the unknown head may follow any change
      } else if (position >= commits.committed()) {
        attachment.deliveredTo = Math.max(attachment.deliveredTo, position + 1);
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

  private boolean isHeldTooLong(PeerSession attachment, long now) {
    return attachment.unfinished != null
        || !attachment.putOff.isEmpty()
        || (attachment.heldSince != 0 && now - attachment.heldSince > HELD_NANOS);
  }

  void say(Peer peer, WireMessage.Ephemeral message) {
    var attachment = attachments.get(peer);
    if (attachment == null || attachment.closed) {
      context.metrics().ephemeralDropped("unread");
    } else if (!attachment.counts(message.sessionId(), message.count())) {
      context.metrics().ephemeralDropped("duplicate");
    } else {
      air.forward(message, everyone, attachment);
      if (nodes != null) {
        nodes.say(message);
      }
    }
  }

  void leave(Peer peer, boolean goodbye) {
    var attachment = attachments.remove(peer);
    if (attachment == null) {
      return;
    }
    if (attachment.unfinished != null && !attachment.closed) {
      attachment.left = true; // the changes that it sent before it left are still admitted
      attachment.goodbye = goodbye;
      return;
    }
    gone(attachment, goodbye);
  }

  private void gone(PeerSession attachment, boolean goodbye) {
    detach(attachment);
    if (goodbye && attachment.spoke()) {
      tellNodes(air.goodbye(attachment.peer.id(), everyone));
    }
  }

  void submit(List<ChangeChunk> changes, CompletableFuture<Void> done) {
    var added = new ArrayList<Bytes>(changes.size());
    var refusal = intake.submit(changes, added);
    tellChanged(added, new ChangeOrigin.Server());
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
    tellNodes(air.broadcast(data, everyone));
  }

  private void tellNodes(WireMessage.Ephemeral message) {
    if (nodes != null) {
      nodes.say(message);
    }
  }

  /** Another node's sync message; that node has admitted its changes. */
  void heard(Inbound inbound) {
    var from = Objects.requireNonNull(nodes, "a server that is alone hears nobody");
    if (!inbound.changes().isEmpty()) {
      var awaiting = awaiting();
      var added = new ArrayList<Bytes>(inbound.changes().size());
      intake.admitted(
          from.attachment(),
          inbound.changes(),
          added,
          (change, why) -> {
            from.rejected(change.hash());
            doesNotFit(why.rule(), why.reason());
          });
      if (!added.isEmpty()) {
        awaiting.forEach(one -> one.deliveredTo = graph.size());
      }
      tellChanged(added, new ChangeOrigin.FromNode());
    }
    inbound.unread().forEach(change -> doesNotFit(change.rule(), change.reason()));
    from.heard(inbound.message(), !inbound.changes().isEmpty());
  }

  private void doesNotFit(String rule, String reason) {
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
      air.forward(message, everyone, null);
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
    for (var attachment : everyone) {
      observer.peerJoined(attachment.peer.id(), attachment.peer.caller());
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
        intake.waiting(),
        intake.waitingBytes(),
        intake.indexBytes(),
        everyone.size(),
        observers.size(),
        commits.inTrouble(),
        false,
        false,
        inDetail ? everyone.stream().map(this::describe).toList() : List.of());
  }

  private DocumentDescription.PeerDescription describe(PeerSession attachment) {
    return new DocumentDescription.PeerDescription(
        attachment.peer.id(),
        attachment.peer.caller().identity(),
        attachment.peer.caller().role(),
        attachment.peer.framesWaiting(),
        attachment.deliveredTo > commits.committed(),
        attachment.putOff.size(),
        attachment.closed);
  }

  /**
   * Closes all connections, whose clients then reconnect.
   *
   * @return the number of connections
   */
  int dismiss() {
    for (var attachment : everyone) {
      attachment.closed = true;
      attachment.peer.close(CloseCodes.RESTART, "room", "this document was closed, come back");
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
    if (!due.isEmpty() || graph.size() != spokenSize) {
      agreement.moved(now);
    }
    if (agreement.isTimeToLook(now)) {
      agreement.look(everyone, this::mayBeSlow, now).forEach(this::startOver);
    }
    do {
      speakToAllWhoAreDue();
    } while (takeUp(now));
    var wait =
        Math.min(
            graph.isEmpty() ? askers.answer(supplierIsComing(), now) : askers.clear(),
            commits.retry(now));
    var crowd = everyone.size() >= context.limits().ephemeral().crowdPeers();
    wait = Math.min(wait, outgoing.flush(crowd, now));
    commits.append();
    if (!unfinished.isEmpty()) {
      wait = 0; // handle the commands that arrived meanwhile, then continue with the next portion
    }
    wait = Math.min(wait, agreement.nanosToLook(now));
    return nodes == null ? wait : Math.min(wait, nodes.settle(intake.missing(), serverTo > 0, now));
  }

  /**
   * Handles the deferred messages of peers whose changes are all committed.
   *
   * @return whether there were any
   */
  private boolean takeUp(long now) {
    var took = false;
    for (var attachment : putOff) {
      var waiting = attachment.putOff;
      while (!waiting.isEmpty()
          && !attachment.closed
          && attachment.unfinished == null
          && attachment.deliveredTo <= commits.committed()) {
        took = true;
        take(attachment, waiting.removeFirst(), now);
      }
    }
    putOff.removeIf(attachment -> attachment.putOff.isEmpty() || attachment.closed);
    return took;
  }

  private void speakToAllWhoAreDue() {
    var grew = graph.size() != spokenSize;
    if (grew) {
      if (everyone.size() > STORE_FIRST_PEERS) {
        commits.append();
      }
      var news = graph.size() - spokenSize;
      spokenSize = graph.size();
      for (var i = 0; i < everyone.size(); i++) {
        speak(everyone.get(i));
      }
      context.metrics().changesSent(news * Math.max(0, everyone.size() - 1));
    }
    var round = due;
    due = dueBefore;
    dueBefore = round;
    for (var i = 0; i < round.size(); i++) {
      var attachment = round.get(i);
      attachment.due = false;
      if (!grew) {
        speak(attachment);
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
    return intake.operations();
  }

  Optional<Snapshot> snapshot() {
    return Optional.ofNullable(snapshot);
  }

  /** Tells all peers, waiters and observers that the document failed. */
  void fail(Throwable cause) {
    for (var attachment : List.copyOf(everyone)) {
      attachment.peer.close(CloseCodes.DEFECT, "room", "this document's room failed, come back");
    }
    for (var waiter : waiters) {
      waiter
          .done()
          .completeExceptionally(new SubmissionException("room", "the room failed", cause));
    }
    for (var observer : observers) {
      observer.failed(cause);
    }
  }

  // Peers.

  private PeerSession attach(Peer peer) {
    var attachment =
        new PeerSession(peer, graph, context.limits().ephemeral().sessionsPerConnectionMax());
    if (everyone.size() >= context.limits().rooms().peersMax()) {
      turnAway(attachment);
      return attachment;
    }
    for (var other : List.copyOf(everyone)) {
      if (other.peer.id().equals(peer.id())) {
        // The peer joined again on a new connection: the state of its old one is dropped [HS4].
        attachments.remove(other.peer);
        detach(other);
      }
    }
    attachments.put(peer, attachment);
    everyone.add(attachment);
    for (var observer : observers) {
      observer.peerJoined(peer.id(), peer.caller());
    }
    return attachment;
  }

  /**
   * The document has too many peers. A connection that may open other documents stays open, and may
   * ask again.
   */
  private void turnAway(PeerSession attachment) {
    var why = new ChangeAdmission.Refusal(CloseCodes.OVERLOAD, "room", FULL_OF_PEERS);
    attachment.closed = true;
    if (attachment.peer.caller().scope().isPresent()) {
      sendAway(attachment, why.code(), why.rule(), why.reason());
      return;
    }
    refuse(attachment, why);
    attachment.peer.offer(
        WireCodec.shared(
            new WireMessage.DocUnavailable(context.server(), attachment.peer.id(), id)),
        attachment.target);
    attachment.peer.flush();
  }

  private void detach(PeerSession attachment) {
    attachment.closed = true;
    everyone.remove(attachment);
    askers.remove(attachment);
    intake.forget(attachment.peer);
    for (var observer : observers) {
      observer.peerLeft(attachment.peer.id(), attachment.peer.caller());
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
    for (var attachment : unfinished) {
      weight += Objects.requireNonNull(attachment.unfinished).weight();
    }
    return weight;
  }

  private void due(PeerSession attachment) {
    if (!attachment.due) {
      attachment.due = true;
      due.add(attachment);
    }
  }

  /**
   * Refuses one of the peer's changes; the connection stays open unless the refusal must end it.
   */
  private void refuse(PeerSession attachment, ChangeAdmission.Refusal why) {
    if (nodes != null && nodes.are(attachment)) {
      doesNotFit(why.rule(), why.reason());
      return;
    }
    context.metrics().refused(why.rule());
    if (attachment.peer.refuse(id, why.code(), why.rule(), why.reason())) {
      log("refused a change of peer {}", attachment, why.rule(), why.reason());
    } else {
      attachment.closed = true;
      log("sent peer {} away", attachment, why.rule(), why.reason());
    }
  }

  private void sendAway(PeerSession attachment, int code, String rule, String reason) {
    context.metrics().refused(rule);
    log("sent peer {} away", attachment, rule, reason);
    attachment.closed = true;
    attachment.peer.close(code, rule, reason);
  }

  private void log(String what, PeerSession attachment, String rule, String reason) {
    context
        .refusals()
        .say(
            log ->
                log.info(
                    "document {}: " + what + ": [{}] {}", id, attachment.peer.id(), rule, reason));
  }

  // Changes.

  private void tellChanged(List<Bytes> added, ChangeOrigin origin) {
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
    for (var attachment : everyone) {
      if (attachment.deliveredTo > 0 && attachment.deliveredTo <= commits.committed()) {
        attachment.deliveredTo = 0;
        attachment.heldSince = 0;
        due(attachment);
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

  // Speaking.

  private boolean isHeld(PeerSession to) {
    return serverTo > 0 || to.deliveredTo > commits.committed() || to.unfinished != null;
  }

  /**
   * Whether the peer has a reason to be behind: it is held back until a commit, or its socket has
   * not taken all messages.
   */
  private boolean mayBeSlow(PeerSession to) {
    return isHeld(to) || !to.putOff.isEmpty() || to.peer.framesWaiting() > 0;
  }

  /**
   * Resets sync with a peer: a message to or from it was lost, and no later message repairs that
   * [SY12].
   */
  private void startOver(PeerSession with) {
    context.metrics().startedOver();
    with.sync = with.sync.afresh();
    outgoing.offer(with, frame(PeerSync.STARTING_OVER));
    due(with);
  }

  private void speak(PeerSession to) {
    if (to.closed || isHeld(to)) {
      return;
    }
    if (graph.isEmpty() && (to.refused != null || to.sync.theirHeads().isEmpty())) {
      // A client whose change was refused answers any message without heads by sending all changes
      // again.
      return;
    }
    var message = to.sync.next(encoder, to.hasPending ? intake.missing() : List.of());
    if (message.isPresent()) {
      outgoing.offer(to, frame(message.get()));
    }
  }

  /** The frame around a sync message. The encoder gives the same instance to many peers [SY6]. */
  @SuppressWarnings(
      "ReferenceEquality") // equal bytes in another instance are only encoded once more
  private Bytes frame(Bytes data) {
    if (data != lastSync) {
      lastSync = data;
      lastFrame =
          WireCodec.shared(new WireMessage.Sync(context.server(), context.server(), id, data));
    }
    return lastFrame;
  }

  private boolean supplierIsComing() {
    for (var attachment : everyone) {
      if (!attachment.closed && !attachment.sync.missingHeads().isEmpty()) {
        return true;
      }
    }
    return false;
  }
}
