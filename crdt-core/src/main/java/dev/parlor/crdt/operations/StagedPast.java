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
 * <p>For each committed change, {@code covered} is a position below which all changes are in its
 * past. A change that depends on all heads covers all earlier changes; other changes inherit the
 * best value of their dependencies. Only a question about a newer change walks the graph, over the
 * concurrent changes.
 */
final class StagedPast {

  private final IntList covered = new IntList();
  private final BitSet hasChild = new BitSet();

  /** The number of changes without a child. */
  private int heads;

  // For the staged change.
  private @Nullable ChangeGraph graph;
  private @Nullable ChangeChunk staged;
  private boolean dependsOnAllHeads;
  private int coveredByDependencies;
  private @Nullable PositionSet walked;

  /** Begins a change whose dependencies are all in the graph. */
  void begin(ChangeChunk change, ChangeGraph changes) {
    graph = changes;
    staged = change;
    walked = null;
    var best = 0;
    var headsAmong = 0;
    for (var dependency : change.deps()) {
      var at = changes.position(dependency);
      best = Math.max(best, covered.get(at));
      if (!hasChild.get(at)) {
        headsAmong++;
      }
    }
    dependsOnAllHeads = headsAmong == heads;
    coveredByDependencies = dependsOnAllHeads ? covered.size() : best;
  }

  /** Whether the change at this position is in the past of the staged change. */
  boolean contains(int position) {
    if (position < coveredByDependencies) {
      return true;
    }
    if (walked == null) {
      var dependencies = Objects.requireNonNull(staged, "nothing is staged").deps();
      var changes = Objects.requireNonNull(graph, "nothing is staged");
      for (var dependency : dependencies) {
        if (changes.position(dependency) == position) {
          return true;
        }
      }
      walked = new PositionSet(coveredByDependencies);
      changes.addAncestry(dependencies, walked);
    }
    return walked.contains(position);
  }

  /** Keeps the staged change, which is in the graph now. */
  void commit() {
    for (var dependency : Objects.requireNonNull(staged, "nothing is staged").deps()) {
      var at = Objects.requireNonNull(graph, "nothing is staged").position(dependency);
      if (!hasChild.get(at)) {
        hasChild.set(at);
        heads--;
      }
    }
    heads++;
    covered.add(dependsOnAllHeads ? covered.size() + 1 : coveredByDependencies);
    rollback();
  }

  /** Forgets the staged change. */
  void rollback() {
    graph = null;
    staged = null;
    walked = null;
  }

  long heapBytes() {
    return covered.heapBytes() + hasChild.size() / 8;
  }
}
