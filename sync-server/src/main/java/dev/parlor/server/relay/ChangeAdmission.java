package dev.parlor.server.relay;

import dev.parlor.crdt.format.ChangeChunk;
import dev.parlor.crdt.format.DecodedChanges;
import dev.parlor.crdt.graph.ChangeGraph;
import dev.parlor.crdt.graph.Offer;
import dev.parlor.crdt.graph.PendingChanges;
import dev.parlor.crdt.graph.PendingLimits;
import dev.parlor.crdt.identity.Bytes;
import dev.parlor.crdt.identity.ChangeHash;
import dev.parlor.crdt.identity.DocumentId;
import dev.parlor.crdt.operations.CheckedGraph;
import dev.parlor.crdt.operations.OperationIndex;
import dev.parlor.crdt.sync.SyncLimits;
import dev.parlor.server.admission.ChangePolicy;
import dev.parlor.server.admission.Verdict;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.BiConsumer;
import java.util.function.Consumer;

/**
 * Adds changes to a document's graph. It first checks each change, then adds it, and holds back a
 * change that lacks a dependency until the dependency comes [SY7]. Belongs to the document's
 * worker.
 *
 * <p>In a room's document every change has an author: the owner of its actor must bring it [AD4],
 * and that identity must be allowed to make each of its operations [AD6]. Other documents have no
 * identities.
 *
 * <p>The peer that brought a refused change is told. If the peer brings it again, or brings changes
 * that follow a refused change, they are dropped without reading their operations; all other
 * changes are admitted as usual.
 */
final class ChangeAdmission {

  /**
   * Every message names all heads, so the number of our heads must stay below the limit that other
   * Parlor servers accept [AD3].
   */
  static final int HEADS_MAX = SyncLimits.DEFAULT.headsMax() / 2;

  private static final Refusal FULL =
      new Refusal(CloseCodes.OVERLOAD, "SY7", "too many changes lack a dependency");

  /**
   * The reason for refusing a change.
   *
   * @param code the close code, if the connection ends because of the refusal
   */
  record Refusal(int code, String rule, String reason) {}

  private final DocumentId document;
  private final CheckedGraph checked;
  private final ChangeGraph graph;
  private final OperationIndex index;
  private final ChangePolicy rules;
  private final Authors authors;
  private final RelayServices context;
  private final PendingChanges pending;

  /** The peers that brought the waiting changes. */
  private final Map<ChangeHash, PeerSession> sources = new HashMap<>();

  /** The document's own list of peers, which the document keeps changing. */
  private final List<PeerSession> everyone;

  /**
   * Tells a peer about a refusal; marks the session as closed if the connection ends because of it.
   */
  private final BiConsumer<PeerSession, Refusal> tell;

  /** Resets sync with a peer whose changes were refused because too many changes were waiting. */
  private final Consumer<PeerSession> resetSync;

  ChangeAdmission(
      DocumentId document,
      DocumentLoader.Loaded loaded,
      RelayServices context,
      List<PeerSession> everyone,
      BiConsumer<PeerSession, Refusal> tell,
      Consumer<PeerSession> resetSync) {
    this.document = document;
    this.checked = loaded.checked();
    this.graph = checked.graph();
    this.index = checked.index();
    this.rules = loaded.rules();
    this.authors = loaded.authors();
    this.context = context;
    this.everyone = everyone;
    this.tell = tell;
    this.resetSync = resetSync;
    var limits = context.limits().pending();
    this.pending =
        new PendingChanges(
            new PendingLimits(
                limits.changesPerPeerMax(),
                limits.bytesPerPeerMax(),
                limits.changesPerRoomMax(),
                limits.bytesPerRoomMax()));
  }

  /** Refuses changes of the peer before they are read, because they are malformed or too large. */
  void refuseUnread(PeerSession from, List<DecodedChanges.Unread> unread) {
    for (var change : unread) {
      refusedOf(from).addUnread(change.checksum());
      told(from, refusal(change.rule(), change.reason()));
      if (from.closed) {
        return;
      }
    }
    for (var missing : pending.missing(from.peer)) {
      if (refusedOf(from).contains(missing)) {
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
  void enter(PeerSession from, List<ChangeChunk> changes, List<Bytes> added) {
    var fresh = from.refused == null ? changes : withoutFollowers(from.refused, changes);
    var own = from.peer.caller().scope().isPresent() ? withoutForeign(from, fresh) : fresh;
    var excess = judge(from, own);
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
      enter(from, change, added);
      if (from.closed) {
        return;
      }
    }
  }

  private void enter(PeerSession from, ChangeChunk change, List<Bytes> added) {
    switch (offer(from, change)) {
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
        switch (pending.hold(from.peer, change, missing)) {
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
   * Checks the rules that concern all changes of a message alike: the document's limits, and
   * spectators.
   */
  private Optional<Refusal> judge(PeerSession from, List<ChangeChunk> own) {
    var caller = from.peer.caller();
    return switch (context
        .admission()
        .judge(
            caller,
            rules.spectatorsMayWrite() && caller.scope().isPresent(),
            own,
            graph.size(),
            graph.chunkBytes(),
            index.operations())) {
      case Verdict.Admitted() -> Optional.empty();
      case Verdict.Forbidden(var rule, var reason) ->
          Optional.of(new Refusal(CloseCodes.NOT_ALLOWED, rule, reason));
      case Verdict.Excessive(var rule, var reason) ->
          Optional.of(new Refusal(CloseCodes.MALFORMED, rule, reason));
    };
  }

  // Refusals.

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

  private void drop(RefusedChanges refused, ChangeChunk change) {
    refused.addFollower(change.hash());
    context.metrics().changesDropped(1);
  }

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
        drop(refusedOf(from), change);
      }
    }
  }

  private void refuse(PeerSession from, ChangeHash change, Refusal why) {
    if (from.peer instanceof RemoteNodesPeer) {
      tell.accept(from, why);
      return;
    }
    refusedOf(from).add(change, why.equals(FULL));
    told(from, why);
    dropWaiting(from, change);
  }

  private void told(PeerSession from, Refusal why) {
    tell.accept(from, why);
    if (!from.closed && refusedOf(from).isFull()) {
      from.peer.ignoreChanges(document);
    }
  }

  /** Drops the changes that wait for the refused change; they would wait forever. */
  private void dropWaiting(PeerSession from, ChangeHash refused) {
    var dropped = pending.drop(from.peer, refused);
    for (var hash : dropped) {
      sources.remove(hash);
      refusedOf(from).addFollower(hash);
    }
    context.metrics().changesDropped(dropped.size());
  }

  private static RefusedChanges refusedOf(PeerSession from) {
    var refused = from.refused;
    if (refused == null) {
      refused = new RefusedChanges();
      from.refused = refused;
    }
    return refused;
  }

  private static Refusal refusal(String rule, String reason) {
    var forbidden = rule.equals("AD4") || rule.equals("AD5") || rule.equals("AD6");
    return new Refusal(forbidden ? CloseCodes.NOT_ALLOWED : CloseCodes.MALFORMED, rule, reason);
  }

  /**
   * The changes without those to ignore. From a spectator, changes that the document has already
   * are ignored. From any peer, changes that only their author may bring again are ignored: they
   * count as not sent, and are requested from all peers, like missing dependencies.
   */
  private List<ChangeChunk> withoutForeign(PeerSession from, List<ChangeChunk> changes) {
    List<ChangeChunk> own = new ArrayList<>(changes.size());
    for (var change : changes) {
      var skip =
          graph.contains(change.hash())
              ? !from.peer.caller().role().mayWrite()
              : authors.whose(change.actor(), from.peer.caller()) == Authors.Whose.UNHEARD;
      if (!skip) {
        own.add(change);
      }
    }
    return own;
  }

  /**
   * Adds changes that other nodes admitted.
   *
   * @param rejected is told of changes that do not fit into this document
   */
  void admitted(
      PeerSession nodes,
      List<ChangeChunk> changes,
      List<Bytes> added,
      BiConsumer<ChangeChunk, Offer.Rejected> rejected) {
    for (var change : changes) {
      switch (offer(nodes, change)) {
        case Offer.Added(var position) -> {
          added.add(graph.chunkAt(position));
          release(change.hash(), added);
        }
        case Offer.Duplicate() -> context.metrics().changesDuplicate(1);
        case Offer.MissingDependencies missing -> {
          // A change that was dropped for lack of space is requested again.
          if (pending.hold(nodes.peer, change, missing) == PendingChanges.Held.WAITING) {
            sources.put(change.hash(), nodes);
          }
        }
        case Offer.Rejected no -> rejected.accept(change, no);
      }
    }
  }

  /**
   * Offers a change like the server's own, within the limits for stored changes: the other node has
   * checked it.
   */
  private Offer offerAdmitted(RemoteNodesPeer nodes, ChangeChunk change) {
    rules.ofServer();
    checked.limit(DocumentLoader.STORED_OPERATIONS);
    graph.limitHeads(SyncLimits.DEFAULT.headsMax());
    var offer = checked.offer(change, rules);
    checked.limit(context.admission().operations());
    graph.limitHeads(HEADS_MAX);
    if (offer instanceof Offer.Added(var position)) {
      rules.admitted();
      nodes.brought.add(position);
    }
    return offer;
  }

  /** Offers a peer's change under the rules that hold for it. */
  private Offer offer(PeerSession from, ChangeChunk change) {
    if (from.peer instanceof RemoteNodesPeer nodes) {
      return offerAdmitted(nodes, change);
    }
    var caller = from.peer.caller();
    if (caller.scope().isEmpty()) {
      return checked.offer(change, null);
    }
    if (!graph.contains(change.hash())
        && authors.whose(change.actor(), caller) == Authors.Whose.ANOTHERS) {
      return new Offer.Rejected("AD4", "the change's actor belongs to another identity");
    }
    rules.of(caller.identity(from.peer.id()), caller.role());
    var offer = checked.offer(change, rules);
    if (offer instanceof Offer.Added) {
      rules.admitted();
      authors.delivered(change.actor(), caller);
    }
    return offer;
  }

  /** Adds the server's own changes; they must not lack a dependency. */
  Optional<Refusal> submit(List<ChangeChunk> changes, List<Bytes> added) {
    for (var change : changes) {
      rules.ofServer();
      switch (checked.offer(change, rules)) {
        case Offer.Added(var position) -> {
          rules.admitted();
          authors.written(change.actor());
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

  /** The hashes to request. */
  List<ChangeHash> missing() {
    return pending.missing();
  }

  /** The number of operations in all admitted changes. */
  long operations() {
    return index.operations();
  }

  /** The approximate heap size of the operation index. */
  long indexBytes() {
    return index.heapBytes();
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
  void forget(Peer peer) {
    pending.forget(peer);
    if (!sources.isEmpty()) {
      sources.values().removeIf(session -> session.peer.equals(peer));
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
      switch (offer(from, change)) {
        case Offer.Added(var position) -> {
          added.add(graph.chunkAt(position));
          ready.addAll(pending.release(change.hash()));
          delivered(position);
        }
        case Offer.Rejected(var rule, var reason) ->
            refuse(from, change.hash(), refusal(rule, reason));
        case Offer.Duplicate() -> {}
        case Offer.MissingDependencies _ ->
            throw new IllegalStateException("a released change lacks a dependency");
      }
    }
    if (pending.size() == 0) {
      for (var session : everyone) {
        session.hasPending = false;
        var refused = session.refused;
        if (refused != null && refused.mayBeSentAgain()) {
          session.refused = null;
          resetSync.accept(session);
        }
      }
    }
  }

  /**
   * Several peers may have brought a change that waited; every possible source counts as its
   * deliverer [DU1].
   */
  private void delivered(int position) {
    for (var session : everyone) {
      if (session.hasPending) {
        session.deliveredTo = position + 1;
      }
    }
  }
}
