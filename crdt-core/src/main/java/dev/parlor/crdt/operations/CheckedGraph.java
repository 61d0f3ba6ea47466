package dev.parlor.crdt.operations;

import dev.parlor.crdt.format.ChangeChunk;
import dev.parlor.crdt.graph.ChangeGraph;
import dev.parlor.crdt.graph.Offer;
import dev.parlor.crdt.identity.Decoding;
import org.jspecify.annotations.Nullable;

/**
 * A graph and the index of its operations, which grow together: the one way in for changes. Belongs
 * to the room's writer.
 */
public final class CheckedGraph {

  private final ChangeGraph graph;
  private final OperationIndex index;
  private OperationLimits limits;

  /** Empty. */
  public CheckedGraph(OperationLimits limits) {
    this.graph = new ChangeGraph();
    this.index = new OperationIndex(limits);
    this.limits = limits;
  }

  /** From now on these limits hold; what is loaded from a store may exceed later ones. */
  public void limit(OperationLimits later) {
    limits = later;
    index.limit(later);
  }

  /** For reading; whoever adds to it directly breaks the index. */
  public ChangeGraph graph() {
    return graph;
  }

  /** For reading. */
  public OperationIndex index() {
    return index;
  }

  /**
   * As {@link ChangeGraph#offer}, but a change is also rejected when its operations are malformed
   * [AD1], refer to what is not there [AD2], are too many [AD3] or are objected to [AD6]. Of a
   * change that lacks dependencies only the columns can be read.
   *
   * @param oversight null for changes that may do anything
   */
  public Offer offer(ChangeChunk change, @Nullable Oversight oversight) {
    if (graph.contains(change.hash()) || isTaken(change)) {
      return graph.offer(change);
    }
    if (lacksDependencies(change)) {
      return OperationReader.check(change, limits)
              instanceof Decoding.Malformed<Integer>(var rule, var reason)
          ? new Offer.Rejected(rule, reason)
          : graph.offer(change);
    }
    if (index.stage(change, graph, oversight)
        instanceof Decoding.Malformed<Integer>(var rule, var reason)) {
      return new Offer.Rejected(rule, reason);
    }
    var offer = graph.offer(change);
    if (offer instanceof Offer.Added) {
      index.commit();
    } else {
      index.rollback();
    }
    return offer;
  }

  private boolean isTaken(ChangeChunk change) {
    return change.seq() <= graph.lastSeq(change.actor());
  }

  private boolean lacksDependencies(ChangeChunk change) {
    for (var dependency : change.deps()) {
      if (!graph.contains(dependency)) {
        return true;
      }
    }
    return false;
  }
}
