package dev.parlor.crdt.operations;

import dev.parlor.crdt.format.ChangeChunk;
import dev.parlor.crdt.graph.ChangeGraph;
import dev.parlor.crdt.graph.Offer;
import dev.parlor.crdt.identity.Decoding;
import org.jspecify.annotations.Nullable;

/**
 * A change graph together with the index of its operations. Every change is added to both, through
 * this class only. Used by the document's worker only.
 */
public final class CheckedGraph {

  private final ChangeGraph graph;
  private final OperationIndex index;
  private OperationLimits limits;

  /** Creates an empty graph. */
  public CheckedGraph(OperationLimits limits) {
    this.graph = new ChangeGraph();
    this.index = new OperationIndex(limits);
    this.limits = limits;
  }

  /** Sets the limits for further changes. Changes that are in the graph may exceed them. */
  public void limit(OperationLimits limits) {
    this.limits = limits;
    index.limit(limits);
  }

  /** The graph, for reading only; adding to it directly would break the index. */
  public ChangeGraph graph() {
    return graph;
  }

  /** The index, for reading only. */
  public OperationIndex index() {
    return index;
  }

  /**
   * As {@link ChangeGraph#offer}, but a change is also rejected when its operations are malformed
   * [AD1], refer to missing operations [AD2], are too many [AD3] or are forbidden [AD6]. For a
   * change with missing dependencies only the columns are checked.
   *
   * @param policy the policy for the operations; null for a change without restrictions
   */
  public Offer offer(ChangeChunk change, @Nullable OperationPolicy policy) {
    if (graph.contains(change.hash()) || isSeqUsed(change)) {
      return graph.offer(change);
    }
    if (lacksDependencies(change)) {
      return OperationReader.check(change, limits)
              instanceof Decoding.Malformed<Integer>(var rule, var reason)
          ? new Offer.Rejected(rule, reason)
          : graph.offer(change);
    }
    if (index.stage(change, graph, policy)
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

  private boolean isSeqUsed(ChangeChunk change) {
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
