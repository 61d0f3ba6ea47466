package dev.parlor.relay.document;

import dev.parlor.crdt.format.ChangeChunk;
import dev.parlor.crdt.graph.ChangeGraph;
import dev.parlor.crdt.graph.Offer;
import dev.parlor.crdt.operations.CheckedGraph;
import dev.parlor.crdt.operations.OperationIndex;
import dev.parlor.crdt.sync.SyncLimits;
import dev.parlor.relay.admission.Admission;
import dev.parlor.relay.admission.Caller;
import dev.parlor.relay.admission.ChangePolicy;
import dev.parlor.relay.admission.Role;
import dev.parlor.relay.admission.Verdict;
import java.util.List;
import java.util.Optional;

/**
 * A document's graph that checks each new change by the rules for its source. Belongs to the
 * document's worker.
 *
 * <p>If a policy covers the document, or the caller has a scope, every change has an author. The
 * author is the identity that owns the change's actor, and only a peer of that identity may deliver
 * the change [AD4]. The author must be allowed to make each operation of the change [AD6]. Other
 * documents have no authors.
 */
final class AuthorizedGraph {

  /**
   * Every sync message lists all heads, so their number must stay below the limit that other Parlor
   * servers accept [AD3].
   */
  static final int HEADS_MAX = SyncLimits.DEFAULT.headsMax() / 2;

  private final CheckedGraph checked;
  private final ChangeGraph graph;
  private final OperationIndex index;
  private final ChangePolicy rules;

  /** Whether the policy decides about the changes of every caller. */
  private final boolean coversAll;

  private final ActorOwners owners;
  private final Admission admission;

  AuthorizedGraph(DocumentLoader.Loaded loaded, Admission admission) {
    this.checked = loaded.checked();
    this.graph = checked.graph();
    this.index = checked.index();
    this.rules = loaded.rules();
    this.coversAll = rules.coversAllDocuments();
    this.owners = loaded.owners();
    this.admission = admission;
    graph.limitHeads(HEADS_MAX);
  }

  ChangeGraph graph() {
    return graph;
  }

  /** Stores the owners of actors again that the store refused. */
  void repeatOwners() {
    owners.repeat();
  }

  /** The number of operations in all changes. */
  long operations() {
    return index.operations();
  }

  /** The approximate heap size of the operation index. */
  long indexBytes() {
    return index.heapBytes();
  }

  /** Whether the changes of this peer have an author who needs permission for each operation. */
  boolean hasAuthor(PeerSession from) {
    return hasAuthor(from.peer.caller());
  }

  private boolean hasAuthor(Caller caller) {
    return coversAll || caller.scope().isPresent();
  }

  /**
   * Checks the rules that do not depend on the operations: the limits of the document, and whether
   * the peer may write.
   */
  Optional<Refusal> judge(PeerSession from, List<ChangeChunk> changes) {
    return judge(from.role, from.peer.caller(), changes);
  }

  /** As {@link #judge(PeerSession, List)}, for changes that the server made for a caller. */
  Optional<Refusal> judge(Caller author, List<ChangeChunk> changes) {
    return judge(author.role(), author, changes);
  }

  private Optional<Refusal> judge(Role role, Caller caller, List<ChangeChunk> changes) {
    return switch (admission.judge(
        role,
        hasAuthor(caller) && rules.spectatorsMayWrite(),
        changes,
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

  /**
   * Whether to ignore a change that must have an author. From a spectator, changes that the
   * document has already are ignored. From every peer, new changes of an actor in state {@link
   * ActorOwners.Ownership#FOREIGN_UNSEEN} are ignored. They count as not received, and the server
   * requests them from all peers, like missing dependencies.
   */
  boolean ignores(PeerSession from, ChangeChunk change) {
    return graph.contains(change.hash())
        ? !from.role.mayWrite()
        : ownership(change, from.peer.caller()) == ActorOwners.Ownership.FOREIGN_UNSEEN;
  }

  private ActorOwners.Ownership ownership(ChangeChunk change, Caller caller) {
    return owners.ownership(change.actor(), caller, graph.lastSeq(change.actor()) > 0);
  }

  Offer offer(ChangeSource from, ChangeChunk change) {
    return switch (from) {
      case PeerSession peer -> offer(peer, change);
      case RemoteNodes nodes -> offer(nodes, change);
    };
  }

  Offer offer(PeerSession from, ChangeChunk change) {
    var caller = from.peer.caller();
    if (!coversAll && caller.scope().isEmpty()) {
      return checked.offer(change, null);
    }
    if (!graph.contains(change.hash())
        && ownership(change, caller) == ActorOwners.Ownership.FOREIGN) {
      return new Offer.Rejected("AD4", "the change's actor belongs to another identity");
    }
    rules.beginChange(caller.identity(from.peer.id()), from.role, from.namedRoles);
    var offer = checked.offer(change, rules);
    if (offer instanceof Offer.Added) {
      rules.admitted();
      owners.delivered(change.actor(), caller);
    }
    return offer;
  }

  /**
   * Offers a change that another node admitted. It is checked like the server's own changes, and
   * within the limits for stored changes.
   */
  Offer offer(RemoteNodes from, ChangeChunk change) {
    rules.beginServerChange();
    checked.limit(DocumentLoader.STORED_OPERATIONS);
    graph.limitHeads(SyncLimits.DEFAULT.headsMax());
    var offer = checked.offer(change, rules);
    checked.limit(admission.operations());
    graph.limitHeads(HEADS_MAX);
    if (offer instanceof Offer.Added(var position)) {
      rules.admitted();
      from.receivedPositions.add(position);
    }
    return offer;
  }

  /**
   * Offers a change that the server made.
   *
   * @param author the caller for whom the server made it; the rules for this caller apply
   */
  Offer offerOwn(ChangeChunk change, Optional<Caller> author) {
    if (author.isPresent()) {
      var caller = author.get();
      if (!hasAuthor(caller)) {
        return checked.offer(change, null);
      }
      if (!caller.role().mayWrite() && !rules.spectatorsMayWrite()) {
        return new Offer.Rejected("AD5", "a spectator changes nothing");
      }
      rules.beginChange(caller.identity().orElseThrow(), caller.role(), caller.namedRoles());
    } else {
      rules.beginServerChange();
    }
    var offer = checked.offer(change, rules);
    if (offer instanceof Offer.Added) {
      rules.admitted();
      owners.written(change.actor());
    }
    return offer;
  }
}
