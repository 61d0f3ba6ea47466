package dev.parlor.server.relay;

import dev.parlor.crdt.format.ChangeChunk;
import dev.parlor.crdt.graph.ChangeGraph;
import dev.parlor.crdt.graph.Offer;
import dev.parlor.crdt.graph.PendingChanges;
import dev.parlor.crdt.graph.PendingLimits;
import dev.parlor.crdt.identity.Bytes;
import dev.parlor.crdt.identity.ChangeHash;
import dev.parlor.crdt.identity.DocumentId;
import dev.parlor.crdt.sync.SyncEncoder;
import dev.parlor.crdt.sync.SyncEncoder.Snapshot;
import dev.parlor.crdt.sync.SyncLimits;
import dev.parlor.crdt.wire.WireCodec;
import dev.parlor.crdt.wire.WireMessage;
import dev.parlor.server.admission.Verdict;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/**
 * One document and everybody who has it open: takes changes in, tells everybody else, and keeps
 * apart what is on disk and what is not yet. Belongs to the room's writer; no threads, no clock, no
 * files. {@link Room} feeds it commands and calls {@link #settle} when it has taken all there were.
 *
 * <h2>Fan-out</h2>
 *
 * Commands only change state and mark who is due; {@code settle} hands what is new to the store and
 * then speaks: to every peer when the graph grew, otherwise to those that are due. So changes that
 * arrive together leave together, and an acknowledgement costs nobody but its sender.
 *
 * <h2>Acknowledgements</h2>
 *
 * Whatever we send carries our heads, and heads that cover a change tell its author that it is
 * safe. A peer that delivered something which is not committed is therefore not spoken to until it
 * is [DU1]; the commit makes it due again.
 *
 * <h2>Nothing there</h2>
 *
 * While the document is empty a peer that has nothing either is not answered with an empty sync, on
 * which clients hang. It waits for a moment, longer when some other peer has told heads that are
 * still to come [SY8], and is then told once that there is nothing [SY9]. It stays attached, so it
 * gets what comes later.
 */
final class RoomState {

  /**
   * How long an asker waits when nobody has announced anything: two clients that create and ask at
   * the same moment arrive in either order.
   */
  static final long GRACE_NANOS = 100_000_000L;

  private final DocumentId id;
  private final RoomContext context;
  private final ChangeGraph graph;
  private final PendingChanges pending;
  private final CommitLog commits;
  private final SyncEncoder encoder;
  private final RoomAir air;

  private final IdentityHashMap<Peer, Attachment> attachments = new IdentityHashMap<>();

  /** The same in order of arrival: iterating is most of what a room does. */
  private final List<Attachment> everyone = new ArrayList<>();

  private List<Attachment> due = new ArrayList<>();
  private List<Attachment> dueBefore = new ArrayList<>();
  private final List<Attachment> askers = new ArrayList<>();
  private final List<RoomObserver> observers = new ArrayList<>();

  private record Waiter(int position, CompletableFuture<Void> done) {}

  /** The server's own submissions and flushes, by the position they wait for, ascending. */
  private final ArrayDeque<Waiter> waiters = new ArrayDeque<>();

  private @Nullable Snapshot snapshot;
  private int spokenSize;
  private Bytes lastSync = Bytes.EMPTY;
  private Bytes lastFrame = Bytes.EMPTY;

  /** Everything in the graph counts as committed. */
  RoomState(
      DocumentId id,
      RoomContext context,
      ChangeGraph graph,
      @Nullable Snapshot snapshot,
      CommitLog.Appender appender) {
    this.id = id;
    this.context = context;
    this.graph = graph;
    // Every message names all heads, ours must stay below what our own kind accepts [AD3].
    graph.limitHeads(SyncLimits.DEFAULT.headsMax() / 2);
    this.snapshot = snapshot;
    this.spokenSize = graph.size();
    this.commits = new CommitLog(graph, appender);
    this.encoder = new SyncEncoder(graph, () -> Optional.ofNullable(this.snapshot));
    this.air = new RoomAir(id, context);
    var limits = context.limits().pending();
    this.pending =
        new PendingChanges(
            new PendingLimits(
                limits.changesPerPeerMax(),
                limits.bytesPerPeerMax(),
                limits.changesPerRoomMax(),
                limits.bytesPerRoomMax()));
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
    var changes = inbound.changes();
    if (!changes.isEmpty() && !(mayEnter(attachment, changes) && enter(attachment, changes))) {
      return;
    }
    attachment.sync.received(inbound.message());
    if (graph.isEmpty() && attachment.sync.theirHeads().isEmpty()) {
      ask(attachment, now);
    }
    due(attachment);
  }

  void say(Peer peer, WireMessage.Ephemeral message) {
    var attachment = attachments.get(peer);
    if (attachment == null || attachment.closed) {
      context.metrics().ephemeralDropped("unread");
    } else if (!attachment.counts(message.sessionId(), message.count())) {
      context.metrics().ephemeralDropped("duplicate");
    } else {
      air.forward(message, everyone, attachment);
    }
  }

  void leave(Peer peer, boolean goodbye) {
    var attachment = attachments.remove(peer);
    if (attachment == null) {
      return;
    }
    detach(attachment);
    if (goodbye && attachment.spoke()) {
      air.goodbye(peer.id(), everyone);
    }
  }

  void submit(List<ChangeChunk> changes, CompletableFuture<Void> done) {
    var added = new ArrayList<Bytes>(changes.size());
    @Nullable RoomException failure = null;
    for (var change : changes) {
      switch (graph.offer(change)) {
        case Offer.Added(var position) -> {
          added.add(graph.chunkAt(position));
          release(change.hash(), added);
        }
        case Offer.Duplicate() -> {}
        case Offer.MissingDependencies _ ->
            failure = new RoomException("SY7", "a submitted change lacks a dependency");
        case Offer.Rejected(var rule, var reason) -> failure = new RoomException(rule, reason);
      }
      if (failure != null) {
        break;
      }
    }
    tellChanged(added, new ChangeOrigin.Server());
    if (failure != null) {
      done.completeExceptionally(failure);
    } else {
      whenCommitted(done);
    }
  }

  void broadcast(Bytes data) {
    air.broadcast(data, everyone);
  }

  void observe(RoomObserver observer) {
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

  void unobserve(RoomObserver observer) {
    observers.remove(observer);
  }

  void appended(int from, Optional<Throwable> failure, long now) {
    if (failure.isPresent()) {
      commits.refused(from, now);
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

  // After the commands.

  /** Stores, speaks, and says for how many nanoseconds nothing need be done. */
  long settle(long now) {
    var grew = graph.size() != spokenSize;
    if (grew) {
      commits.append();
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
    return Math.min(answerAskers(now), commits.retry(now));
  }

  boolean isIdle() {
    return everyone.isEmpty() && observers.isEmpty() && commits.isCurrent() && waiters.isEmpty();
  }

  boolean inTrouble() {
    return commits.inTrouble();
  }

  /** The log, for compaction: only when everything in it is committed. */
  Optional<ChangeGraph> committedGraph() {
    return commits.isCurrent() ? Optional.of(graph) : Optional.empty();
  }

  Optional<Snapshot> snapshot() {
    return Optional.ofNullable(snapshot);
  }

  /** The room is lost: everybody hears of it. */
  void fail(Throwable cause) {
    for (var attachment : List.copyOf(everyone)) {
      attachment.peer.close(CloseCodes.DEFECT, "room", "this document's room failed, come back");
    }
    for (var waiter : waiters) {
      waiter.done().completeExceptionally(new RoomException("room", "the room failed", cause));
    }
    for (var observer : observers) {
      observer.failed(cause);
    }
  }

  // Peers.

  private Attachment attach(Peer peer) {
    var attachment =
        new Attachment(peer, graph, context.limits().ephemeral().sessionsPerConnectionMax());
    if (everyone.size() >= context.limits().rooms().peersMax()) {
      refuse(attachment, CloseCodes.OVERLOAD, "room", "this document has its full number of peers");
      return attachment;
    }
    for (var other : List.copyOf(everyone)) {
      if (other.peer.id().equals(peer.id())) {
        // Joined again on a new connection: all that we knew of it is dropped [HS4].
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

  private void detach(Attachment attachment) {
    attachment.closed = true;
    everyone.remove(attachment);
    askers.remove(attachment);
    pending.forget(attachment.peer);
    for (var observer : observers) {
      observer.peerLeft(attachment.peer.id(), attachment.peer.caller());
    }
  }

  private void due(Attachment attachment) {
    if (!attachment.due) {
      attachment.due = true;
      due.add(attachment);
    }
  }

  private void refuse(Attachment attachment, int code, String rule, String reason) {
    context.metrics().refused(rule);
    attachment.closed = true;
    attachment.peer.close(code, rule, reason);
  }

  // Changes.

  private boolean mayEnter(Attachment from, List<ChangeChunk> changes) {
    var verdict =
        context.admission().judge(from.peer.caller(), changes, graph.size(), graph.chunkBytes());
    switch (verdict) {
      case Verdict.Admitted() -> {}
      case Verdict.Forbidden(var rule, var reason) ->
          refuse(from, CloseCodes.NOT_ALLOWED, rule, reason);
      case Verdict.Excessive(var rule, var reason) ->
          refuse(from, CloseCodes.MALFORMED, rule, reason);
    }
    return verdict instanceof Verdict.Admitted;
  }

  /** False when the sender was refused; what it sent before the fault has entered. */
  private boolean enter(Attachment from, List<ChangeChunk> changes) {
    var added = new ArrayList<Bytes>(changes.size());
    for (var change : changes) {
      switch (graph.offer(change)) {
        case Offer.Added(var position) -> {
          from.deliveredTo = position + 1;
          added.add(graph.chunkAt(position));
          release(change.hash(), added);
        }
        case Offer.Duplicate() -> {
          from.deliveredTo = Math.max(from.deliveredTo, graph.position(change.hash()) + 1);
          context.metrics().changesDuplicate(1);
        }
        case Offer.MissingDependencies missing -> {
          from.hasPending = true;
          if (pending.hold(from.peer, change, missing) == PendingChanges.Held.FULL) {
            refuse(from, CloseCodes.OVERLOAD, "SY7", "too many changes lack a dependency");
          }
        }
        case Offer.Rejected(var rule, var reason) ->
            refuse(from, CloseCodes.MALFORMED, rule, reason);
      }
      if (from.closed) {
        break;
      }
    }
    tellChanged(added, new ChangeOrigin.FromPeer(from.peer.id(), from.peer.caller()));
    return !from.closed;
  }

  /** Lets in what waited for this change, and what waited for that. */
  private void release(ChangeHash hash, List<Bytes> added) {
    var ready = new ArrayDeque<>(pending.release(hash));
    while (!ready.isEmpty()) {
      var change = ready.removeFirst();
      if (graph.offer(change) instanceof Offer.Added(var position)) {
        added.add(graph.chunkAt(position));
        ready.addAll(pending.release(change.hash()));
        for (var attachment : everyone) {
          if (attachment.hasPending) {
            attachment.deliveredTo = position + 1;
          }
        }
      }
    }
    if (pending.size() == 0) {
      for (var attachment : everyone) {
        attachment.hasPending = false;
      }
    }
  }

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
        due(attachment);
      }
    }
    commits.append();
  }

  // Speaking.

  private void speak(Attachment to) {
    if (to.closed || to.deliveredTo > commits.committed()) {
      return;
    }
    if (graph.isEmpty() && to.sync.theirHeads().isEmpty()) {
      return;
    }
    var message = to.sync.next(encoder, to.hasPending ? pending.missing() : List.of());
    if (message.isPresent()) {
      to.closed |= !to.peer.offer(frame(message.get()), to.target);
    }
  }

  /** The frame around a sync message: the encoder gives the same instance to many peers [SY6]. */
  @SuppressWarnings("ReferenceEquality") // equal bytes of another instance are merely encoded again
  private Bytes frame(Bytes data) {
    if (data != lastSync) {
      lastSync = data;
      lastFrame =
          WireCodec.shared(new WireMessage.Sync(context.server(), context.server(), id, data));
    }
    return lastFrame;
  }

  private void ask(Attachment attachment, long now) {
    if (!attachment.asking && !attachment.toldUnavailable) {
      attachment.asking = true;
      attachment.askedAt = now;
      askers.add(attachment);
    }
  }

  private long answerAskers(long now) {
    if (askers.isEmpty()) {
      return Long.MAX_VALUE;
    }
    if (!graph.isEmpty()) {
      for (var asker : askers) {
        asker.asking = false;
      }
      askers.clear();
      return Long.MAX_VALUE;
    }
    var patience =
        supplierIsComing()
            ? context.limits().rooms().holdBackMillisMax() * 1_000_000L
            : GRACE_NANOS;
    var wait = Long.MAX_VALUE;
    for (var iterator = askers.iterator(); iterator.hasNext(); ) {
      var asker = iterator.next();
      var left = asker.askedAt + patience - now;
      if (left > 0) {
        wait = Math.min(wait, left);
        continue;
      }
      iterator.remove();
      asker.asking = false;
      asker.toldUnavailable = true;
      asker.peer.offer(
          WireCodec.shared(new WireMessage.DocUnavailable(context.server(), asker.peer.id(), id)),
          asker.target);
    }
    return wait;
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
