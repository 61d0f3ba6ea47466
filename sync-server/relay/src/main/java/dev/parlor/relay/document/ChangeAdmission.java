package dev.parlor.relay.document;

import dev.parlor.crdt.format.ChangeChunk;
import dev.parlor.crdt.format.DecodedChanges;
import dev.parlor.crdt.graph.ChangeGraph;
import dev.parlor.crdt.graph.Offer;
import dev.parlor.crdt.graph.PendingChanges;
import dev.parlor.crdt.graph.PendingLimits;
import dev.parlor.crdt.identity.Bytes;
import dev.parlor.crdt.identity.ChangeHash;
import dev.parlor.crdt.identity.DocumentId;
import dev.parlor.relay.admission.Caller;
import dev.parlor.relay.config.Limits;
import dev.parlor.relay.health.Metrics;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Admits changes to a document. Each change is checked and added to the {@link AuthorizedGraph}. A
 * change that lacks a dependency waits until the dependency arrives [SY7]. Belongs to the
 * document's worker.
 *
 * <p>When a change is refused, its sender is notified. If the peer sends the change again, or sends
 * changes that depend on it, they are dropped without reading their operations. All other changes
 * of the peer are admitted as usual.
 */
final class ChangeAdmission {

  private static final Refusal FULL =
      new Refusal(CloseCodes.OVERLOAD, "SY7", "too many changes lack a dependency");

  private final DocumentId document;
  private final AuthorizedGraph authorized;
  private final ChangeGraph graph;
  private final Metrics metrics;
  private final RefusalNotices notices;

  private final PendingChanges pending;

  /** The source of each change that waits for a dependency. */
  private final Map<ChangeHash, ChangeSource> sources = new HashMap<>();

  private final List<PeerSession> sessions;

  /** Peers to reset sync with, because there is space again for changes that were refused [SY7]. */
  private List<PeerSession> toReset = List.of();

  /**
   * @param sessions the document's peers; the document adds and removes peers in this list
   */
  ChangeAdmission(
      DocumentId document,
      RelayServices services,
      AuthorizedGraph authorized,
      List<PeerSession> sessions,
      RefusalNotices notices) {
    this.document = document;
    this.authorized = authorized;
    this.graph = authorized.graph();
    this.metrics = services.metrics();
    this.sessions = sessions;
    this.notices = notices;
    this.pending = new PendingChanges(limits(services.limits().pending()));
  }

  private static PendingLimits limits(Limits.Pending limits) {
    return new PendingLimits(
        limits.changesPerPeerMax(),
        limits.bytesPerPeerMax(),
        limits.changesPerDocumentMax(),
        limits.bytesPerDocumentMax());
  }

  // Changes of peers.

  /** Refuses changes whose operations are not read, because they are malformed or too large. */
  void refuseUnread(PeerSession from, List<DecodedChanges.Unread> unread) {
    for (var change : unread) {
      from.refusedChanges().addUnread(change.checksum());
      notifyRefused(from, refusal(change.rule(), change.reason()));
      if (from.closed) {
        return;
      }
    }
    for (var missing : pending.missing(from)) {
      if (from.refusedChanges().contains(missing)) {
        dropWaiting(from, missing);
      }
    }
  }

  /**
   * Admits a peer's changes, except those that are refused or depend on a refused change. Stops
   * when the connection ends.
   *
   * @param added receives the chunks that were added, in log order
   */
  void admit(PeerSession from, List<ChangeChunk> changes, List<Bytes> added) {
    var unknown = changes.size() > 1 ? withoutKnown(from, changes) : changes;
    var unblocked = from.refused == null ? unknown : withoutBlocked(from.refused, unknown);
    var offered = authorized.hasAuthor(from) ? withoutIgnored(from, unblocked) : unblocked;
    var refusal = authorized.judge(from, offered);
    if (refusal.isPresent()) {
      refuseAll(from, offered, refusal.get());
      return;
    }
    for (var change : offered) {
      var refused = from.refused;
      if (refused != null && refused.blocks(change, graph)) {
        drop(refused, change);
        continue;
      }
      admit(from, change, added);
      if (from.closed) {
        return;
      }
    }
  }

  private void admit(PeerSession from, ChangeChunk change, List<Bytes> added) {
    switch (authorized.offer(from, change)) {
      case Offer.Added(var position) -> {
        from.commitWait.extendTo(position + 1);
        added.add(graph.chunkAt(position));
        release(change.hash(), added);
      }
      case Offer.Duplicate() -> {
        from.commitWait.extendTo(graph.position(change.hash()) + 1);
        metrics.changesDuplicate(1);
      }
      case Offer.MissingDependencies missing -> {
        from.hasPending = true;
        switch (pending.hold(from, change, missing)) {
          case WAITING -> sources.put(change.hash(), from);
          case DUPLICATE -> {}
          case FULL -> refuse(from, change.hash(), FULL);
        }
      }
      case Offer.Rejected(var rule, var reason) ->
          refuse(from, change.hash(), refusal(rule, reason));
    }
  }

  /**
   * The changes that the document lacks. A whole document from a peer may consist of known changes
   * except for a few, and the limits of a document count only new changes.
   */
  private List<ChangeChunk> withoutKnown(PeerSession from, List<ChangeChunk> changes) {
    if (graph.isEmpty()) {
      return changes;
    }
    var unknown = new ArrayList<ChangeChunk>(changes.size());
    for (var change : changes) {
      var position = graph.position(change.hash());
      if (position < 0) {
        unknown.add(change);
      } else {
        from.commitWait.extendTo(position + 1);
      }
    }
    metrics.changesDuplicate(changes.size() - unknown.size());
    return unknown;
  }

  private List<ChangeChunk> withoutBlocked(RefusedChanges refused, List<ChangeChunk> changes) {
    var unblocked = new ArrayList<ChangeChunk>(changes.size());
    for (var change : changes) {
      if (refused.blocks(change, graph)) {
        drop(refused, change);
      } else {
        unblocked.add(change);
      }
    }
    return unblocked;
  }

  private List<ChangeChunk> withoutIgnored(PeerSession from, List<ChangeChunk> changes) {
    List<ChangeChunk> offered = new ArrayList<>(changes.size());
    for (var change : changes) {
      if (!authorized.ignores(from, change)) {
        offered.add(change);
      }
    }
    return offered;
  }

  // Refusals.

  /**
   * Refuses several changes with one notification to the peer. Changes that the document has
   * already are not refused.
   */
  private void refuseAll(PeerSession from, List<ChangeChunk> changes, Refusal why) {
    var first = true;
    for (var change : changes) {
      if (graph.contains(change.hash())) {
        continue;
      }
      if (first) {
        refuse(from, change.hash(), why);
        first = false;
      } else {
        drop(from.refusedChanges(), change);
      }
    }
  }

  private void refuse(PeerSession from, ChangeHash change, Refusal why) {
    from.refusedChanges().add(change, why.equals(FULL));
    notifyRefused(from, why);
    dropWaiting(from, change);
  }

  private void notifyRefused(PeerSession from, Refusal why) {
    notices.refuse(from, why);
    if (!from.closed && from.refusedChanges().isFull()) {
      from.peer.ignoreChanges(document);
    }
  }

  private void drop(RefusedChanges refused, ChangeChunk change) {
    refused.addFollower(change.hash());
    metrics.changesDropped(1);
  }

  /** Drops the changes that wait for a refused change, since they would wait forever. */
  private void dropWaiting(PeerSession from, ChangeHash refused) {
    var dropped = pending.dropFollowers(from, refused);
    for (var hash : dropped) {
      sources.remove(hash);
      from.refusedChanges().addFollower(hash);
    }
    metrics.changesDropped(dropped.size());
  }

  private static Refusal refusal(String rule, String reason) {
    var forbidden = rule.equals("AD4") || rule.equals("AD5") || rule.equals("AD6");
    return new Refusal(forbidden ? CloseCodes.NOT_ALLOWED : CloseCodes.MALFORMED, rule, reason);
  }

  // Changes of other nodes, and of the server itself.

  /**
   * Adds changes that other nodes admitted. A change that this node cannot add is rejected.
   *
   * @param added receives the chunks that were added, in log order
   */
  void admit(RemoteNodes from, List<ChangeChunk> changes, List<Bytes> added) {
    for (var change : changes) {
      switch (authorized.offer(from, change)) {
        case Offer.Added(var position) -> {
          added.add(graph.chunkAt(position));
          release(change.hash(), added);
        }
        case Offer.Duplicate() -> metrics.changesDuplicate(1);
        case Offer.MissingDependencies missing -> {
          // If there is no space for the change, it is dropped here and requested again later.
          if (pending.hold(from, change, missing) == PendingChanges.Held.WAITING) {
            sources.put(change.hash(), from);
          }
        }
        case Offer.Rejected(var rule, var reason) -> reject(from, change, rule, reason);
      }
    }
  }

  private void reject(RemoteNodes from, ChangeChunk change, String rule, String reason) {
    from.reject(change.hash());
    notices.refusedFromNode(rule, reason);
  }

  /**
   * Adds the server's own changes. A change must not lack a dependency.
   *
   * @param added receives the chunks that were added, in log order
   * @return if a change was not added, the reason; then the changes after it were not added either
   */
  Optional<Refusal> admitOwn(
      List<ChangeChunk> changes, Optional<Caller> author, List<Bytes> added) {
    var refusal = author.flatMap(caller -> authorized.judge(caller, changes));
    if (refusal.isPresent()) {
      return refusal;
    }
    for (var change : changes) {
      switch (authorized.offerOwn(change, author)) {
        case Offer.Added(var position) -> {
          added.add(graph.chunkAt(position));
          release(change.hash(), added);
        }
        case Offer.Duplicate() -> {}
        case Offer.MissingDependencies _ -> {
          return Optional.of(
              new Refusal(CloseCodes.DEFECT, "SY7", "a submitted change lacks a dependency"));
        }
        case Offer.Rejected(var rule, var reason) -> {
          return Optional.of(new Refusal(CloseCodes.DEFECT, rule, reason));
        }
      }
    }
    return Optional.empty();
  }

  // Changes that wait for a dependency.

  /** The hashes of the dependencies that waiting changes lack. */
  List<ChangeHash> missing() {
    return pending.missing();
  }

  /** The number of changes that wait for a dependency. */
  int waiting() {
    return pending.size();
  }

  /** The size of the changes that wait for a dependency. */
  long waitingBytes() {
    return pending.bytes();
  }

  /** Removes the waiting changes of a detached peer. */
  void forget(PeerSession detached) {
    pending.forget(detached);
    if (!sources.isEmpty()) {
      sources.values().removeIf(source -> source == detached);
    }
  }

  /**
   * Adds the changes that waited for this change, then the changes that waited for the added
   * changes, and so on.
   */
  private void release(ChangeHash hash, List<Bytes> added) {
    if (pending.size() == 0) {
      return;
    }
    var ready = new ArrayDeque<>(pending.release(hash));
    while (!ready.isEmpty()) {
      var change = ready.removeFirst();
      var from = sources.remove(change.hash());
      if (from == null) {
        throw new IllegalStateException("a waiting change has no source");
      }
      switch (authorized.offer(from, change)) {
        case Offer.Added(var position) -> {
          added.add(graph.chunkAt(position));
          ready.addAll(pending.release(change.hash()));
          extendWaitOfPossibleSources(position);
        }
        case Offer.Rejected(var rule, var reason) -> refuseReleased(from, change, rule, reason);
        case Offer.Duplicate() -> {}
        case Offer.MissingDependencies _ ->
            throw new IllegalStateException("a released change lacks a dependency");
      }
    }
    if (pending.size() == 0) {
      pendingSpaceFreed();
    }
  }

  private void refuseReleased(ChangeSource source, ChangeChunk change, String rule, String reason) {
    switch (source) {
      case PeerSession from -> refuse(from, change.hash(), refusal(rule, reason));
      case RemoteNodes from -> reject(from, change, rule, reason);
    }
  }

  /**
   * Extends the commit wait of every peer that may have sent the change [DU1]. Several peers may
   * have sent a change while it waited for a dependency.
   */
  private void extendWaitOfPossibleSources(int position) {
    for (var session : sessions) {
      if (session.hasPending) {
        session.commitWait.extendTo(position + 1);
      }
    }
  }

  /** No change waits any more, so changes that were refused for lack of space may be sent again. */
  private void pendingSpaceFreed() {
    for (var session : sessions) {
      session.hasPending = false;
      var refused = session.refused;
      if (refused != null && refused.mayBeSentAgain()) {
        session.refused = null;
        if (toReset.isEmpty()) {
          toReset = new ArrayList<>();
        }
        toReset.add(session);
      }
    }
  }

  /**
   * The peers to reset sync with, because there is space again for changes that were refused [SY7].
   * Each peer is returned once.
   */
  List<PeerSession> takePeersToReset() {
    var peers = toReset;
    toReset = List.of();
    return peers;
  }
}
