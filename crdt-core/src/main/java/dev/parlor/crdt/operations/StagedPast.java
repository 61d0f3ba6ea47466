package dev.parlor.crdt.operations;

import dev.parlor.crdt.format.ChangeChunk;
import dev.parlor.crdt.graph.ChangeGraph;
import dev.parlor.crdt.graph.PositionSet;
import java.util.BitSet;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * The changes in the past of the staged change: its direct and indirect dependencies.
 *
 * <p>For each committed change, {@code coveredBelow} is a position below which the log has only
 * this change and changes of its past. For a change that depends on all heads it is the position
 * after the change. Other changes take the highest value of their dependencies. {@link #contains}
 * walks the graph only for a position at or above this value.
 */
final class StagedPast {

  private final IntList coveredBelow = new IntList();
  private final BitSet hasChild = new BitSet();

  /** The number of changes without a child. */
  private int headCount;

  // For the staged change.
  private @Nullable ChangeGraph graph;
  private @Nullable ChangeChunk staged;
  private boolean dependsOnAllHeads;
  private int coveredByDependencies;
  private @Nullable PositionSet ancestry;

  /** Begins a change whose dependencies are all in the graph. */
  void begin(ChangeChunk change, ChangeGraph changes) {
    graph = changes;
    staged = change;
    ancestry = null;
    var maxCovered = 0;
    var dependedHeads = 0;
    for (var dependency : change.deps()) {
      var position = changes.position(dependency);
      maxCovered = Math.max(maxCovered, coveredBelow.get(position));
      if (!hasChild.get(position)) {
        dependedHeads++;
      }
    }
    dependsOnAllHeads = dependedHeads == headCount;
    coveredByDependencies = dependsOnAllHeads ? coveredBelow.size() : maxCovered;
  }

  /** Whether the change at this position is in the past of the staged change. */
  boolean contains(int position) {
    if (position < coveredByDependencies) {
      return true;
    }
    if (ancestry == null) {
      var dependencies = Objects.requireNonNull(staged, "nothing is staged").deps();
      var changes = Objects.requireNonNull(graph, "nothing is staged");
      for (var dependency : dependencies) {
        if (changes.position(dependency) == position) {
          return true;
        }
      }
      ancestry = new PositionSet(coveredByDependencies);
      changes.addAncestry(dependencies, ancestry);
    }
    return ancestry.contains(position);
  }

  /** Keeps the staged change, which is in the graph now. */
  void commit() {
    for (var dependency : Objects.requireNonNull(staged, "nothing is staged").deps()) {
      var position = Objects.requireNonNull(graph, "nothing is staged").position(dependency);
      if (!hasChild.get(position)) {
        hasChild.set(position);
        headCount--;
      }
    }
    headCount++;
    coveredBelow.add(dependsOnAllHeads ? coveredBelow.size() + 1 : coveredByDependencies);
    rollback();
  }

  /** Forgets the staged change. */
  void rollback() {
    graph = null;
    staged = null;
    ancestry = null;
  }

  long heapBytes() {
    return coveredBelow.heapBytes() + hasChild.size() / 8;
  }
}
