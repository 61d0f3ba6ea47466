package dev.parlor.crdt.operations;

import dev.parlor.crdt.format.ChangeChunk;
import dev.parlor.crdt.graph.ChangeGraph;
import dev.parlor.crdt.graph.Offer;
import dev.parlor.crdt.identity.Decoding;
import org.jspecify.annotations.Nullable;

/**
 * A graph and the index of its operations, which grow together. All changes enter through this
 * class. Used by the document's worker only.
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

  /** Sets the limits for further changes; loaded changes may exceed them. */
  public void limit(OperationLimits later) {
    limits = later;
    index.limit(later);
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
   * @param oversight null for changes without restrictions
   */
  public Offer offer(ChangeChunk change, @Nullable OperationPolicy oversight) {
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
