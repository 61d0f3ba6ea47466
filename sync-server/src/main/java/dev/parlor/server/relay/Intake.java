package dev.parlor.server.relay;

import dev.parlor.crdt.format.ChangeChunk;
import dev.parlor.crdt.graph.ChangeGraph;
import dev.parlor.crdt.graph.Offer;
import dev.parlor.crdt.graph.PendingChanges;
import dev.parlor.crdt.graph.PendingLimits;
import dev.parlor.crdt.identity.Bytes;
import dev.parlor.crdt.identity.ChangeHash;
import dev.parlor.server.admission.Verdict;
import java.util.ArrayDeque;
import java.util.List;
import java.util.Optional;

/**
 * Lets changes into a room's graph: admission first, then the graph, with what lacks a dependency
 * held back until that comes [SY7]. Belongs to the room's writer.
 */
final class Intake {

  /** Why a peer's session ends. */
  record Refusal(int code, String rule, String reason) {}

  private final ChangeGraph graph;
  private final RoomContext context;
  private final PendingChanges pending;

  /** The room's own list, which it goes on changing. */
  private final List<Attachment> everyone;

  Intake(ChangeGraph graph, RoomContext context, List<Attachment> everyone) {
    this.graph = graph;
    this.context = context;
    this.everyone = everyone;
    var limits = context.limits().pending();
    this.pending =
        new PendingChanges(
            new PendingLimits(
                limits.changesPerPeerMax(),
                limits.bytesPerPeerMax(),
                limits.changesPerRoomMax(),
                limits.bytesPerRoomMax()));
  }

  /**
   * Takes a peer's changes in.
   *
   * @param added receives the chunks that entered, in log order; what came before a fault has
   */
  Optional<Refusal> enter(Attachment from, List<ChangeChunk> changes, List<Bytes> added) {
    var verdict =
        context.admission().judge(from.peer.caller(), changes, graph.size(), graph.chunkBytes());
    switch (verdict) {
      case Verdict.Admitted() -> {}
      case Verdict.Forbidden(var rule, var reason) -> {
        return Optional.of(new Refusal(CloseCodes.NOT_ALLOWED, rule, reason));
      }
      case Verdict.Excessive(var rule, var reason) -> {
        return Optional.of(new Refusal(CloseCodes.MALFORMED, rule, reason));
      }
    }
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
            return Optional.of(
                new Refusal(CloseCodes.OVERLOAD, "SY7", "too many changes lack a dependency"));
          }
        }
        case Offer.Rejected(var rule, var reason) -> {
          return Optional.of(new Refusal(CloseCodes.MALFORMED, rule, reason));
        }
      }
    }
    return Optional.empty();
  }

  /** Takes the server's own changes in; they must not lack anything. */
  Optional<Refusal> submit(List<ChangeChunk> changes, List<Bytes> added) {
    for (var change : changes) {
      switch (graph.offer(change)) {
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

  /** The hashes to ask for. */
  List<ChangeHash> missing() {
    return pending.missing();
  }

  /** A peer is gone, and with it what it left waiting. */
  void forget(Peer peer) {
    pending.forget(peer);
  }

  /** Lets in what waited for this change, and what waited for that. */
  private void release(ChangeHash hash, List<Bytes> added) {
    if (pending.size() == 0) {
      return;
    }
    var ready = new ArrayDeque<>(pending.release(hash));
    while (!ready.isEmpty()) {
      var change = ready.removeFirst();
      if (graph.offer(change) instanceof Offer.Added(var position)) {
        added.add(graph.chunkAt(position));
        ready.addAll(pending.release(change.hash()));
        delivered(position);
      }
    }
    if (pending.size() == 0) {
      for (var attachment : everyone) {
        attachment.hasPending = false;
      }
    }
  }

  /** Which peer brought a change that waited is not remembered: all that could have [DU1]. */
  private void delivered(int position) {
    for (var attachment : everyone) {
      if (attachment.hasPending) {
        attachment.deliveredTo = position + 1;
      }
    }
  }
}
