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
 * change that lacks a dependency waits until the dependency comes [SY7]. Belongs to the document's
 * worker.
 *
 * <p>The peer that brought a refused change is told. If the peer brings it again, or brings changes
 * that follow a refused change, they are dropped without reading their operations; all other
 * changes are admitted as usual.
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

  /** The sources of the waiting changes. */
  private final Map<ChangeHash, ChangeSource> sources = new HashMap<>();

  private final List<PeerSession> everyone;

  /** Peers to reset sync with, since there is space for their changes again [SY7]. */
  private List<PeerSession> toReset = List.of();

  /**
   * @param everyone the document's own list of peers, which the document keeps changing
   */
  ChangeAdmission(
      DocumentId document,
      RelayServices services,
      AuthorizedGraph authorized,
      List<PeerSession> everyone,
      RefusalNotices notices) {
    this.document = document;
    this.authorized = authorized;
    this.graph = authorized.graph();
    this.metrics = services.metrics();
    this.everyone = everyone;
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

  /** Refuses changes of the peer before they are read, because they are malformed or too large. */
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
   * Admits a peer's changes, unless they are refused or follow a refused one. Stops when the
   * connection ends.
   *
   * @param added receives the chunks that were added, in log order
   */
  void admit(PeerSession from, List<ChangeChunk> changes, List<Bytes> added) {
    var fresh = from.refused == null ? changes : withoutFollowers(from.refused, changes);
    var own = from.peer.caller().scope().isPresent() ? withoutIgnored(from, fresh) : fresh;
    var excess = authorized.judge(from, own);
    if (excess.isPresent()) {
      refuseAll(from, own, excess.get());
      return;
    }
    for (var change : own) {
      var refused = from.refused;
      if (refused != null && refused.concerns(change, graph)) {
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

  private List<ChangeChunk> withoutFollowers(RefusedChanges refused, List<ChangeChunk> changes) {
    var rest = new ArrayList<ChangeChunk>(changes.size());
    for (var change : changes) {
      if (refused.concerns(change, graph)) {
        drop(refused, change);
      } else {
        rest.add(change);
      }
    }
    return rest;
  }

  private List<ChangeChunk> withoutIgnored(PeerSession from, List<ChangeChunk> changes) {
    List<ChangeChunk> rest = new ArrayList<>(changes.size());
    for (var change : changes) {
      if (!authorized.ignores(from, change)) {
        rest.add(change);
      }
    }
    return rest;
  }

  // Refusals.

  /**
   * Refuses several changes with one message to the peer; changes that the document has already are
   * left out.
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

  /** Drops the changes that wait for the refused change; they would wait forever. */
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
   * Adds changes that other nodes admitted, unless they do not fit into this document.
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
          // A change that was dropped for lack of space is requested again.
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
   * Adds the server's own changes; they must not lack a dependency.
   *
   * @param added receives the chunks that were added, in log order
   * @return the reason why a change and those after it were not added
   */
  Optional<Refusal> admitOwn(List<ChangeChunk> changes, List<Bytes> added) {
    for (var change : changes) {
      switch (authorized.offerOwn(change)) {
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

  /** The hashes to request. */
  List<ChangeHash> missing() {
    return pending.missing();
  }

  /** The number of changes that wait for a dependency. */
  int waiting() {
    return pending.size();
  }

  /** Bytes of the changes that wait. */
  long waitingBytes() {
    return pending.bytes();
  }

  /** Removes a peer that is gone, and its waiting changes. */
  void forget(PeerSession gone) {
    pending.forget(gone);
    if (!sources.isEmpty()) {
      sources.values().removeIf(source -> source == gone);
    }
  }

  /**
   * Adds the changes that waited for this change, then the changes that waited for those, and so
   * on.
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
          holdPossibleSources(position);
        }
        case Offer.Rejected(var rule, var reason) -> refuseReleased(from, change, rule, reason);
        case Offer.Duplicate() -> {}
        case Offer.MissingDependencies _ ->
            throw new IllegalStateException("a released change lacks a dependency");
      }
    }
    if (pending.size() == 0) {
      spaceIsFree();
    }
  }

  private void refuseReleased(ChangeSource source, ChangeChunk change, String rule, String reason) {
    switch (source) {
      case PeerSession from -> refuse(from, change.hash(), refusal(rule, reason));
      case RemoteNodes from -> reject(from, change, rule, reason);
    }
  }

  /**
   * Several peers may have brought a change that waited; every possible source counts as its
   * deliverer [DU1].
   */
  private void holdPossibleSources(int position) {
    for (var session : everyone) {
      if (session.hasPending) {
        session.commitWait.extendTo(position + 1);
      }
    }
  }

  /** No changes wait any more, so changes that were refused for lack of space may come again. */
  private void spaceIsFree() {
    for (var session : everyone) {
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
   * The peers to reset sync with, since there is space again for changes of theirs that were
   * refused [SY7]. Each is returned once.
   */
  List<PeerSession> takePeersToReset() {
    var taken = toReset;
    toReset = List.of();
    return taken;
  }
}
