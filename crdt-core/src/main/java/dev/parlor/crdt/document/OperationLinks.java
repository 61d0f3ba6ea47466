package dev.parlor.crdt.document;

import java.util.Arrays;
import java.util.Comparator;

/**
 * The predecessors of each operation and the operations of each change. A document lists successors
 * and orders operations by object; a change lists predecessors and orders operations by counter.
 */
final class OperationLinks {

  private static final int[] NONE = new int[0];

  private final OperationTable operations;

  /** Operation positions, grouped by change and then in the order of their counters. */
  private final int[] ordered;

  private final int[] changeEnds;

  /** Positions of predecessors, grouped by operation and then in the order of their ids. */
  private final int[] predecessors;

  private final int[] predecessorEnds;

  private OperationLinks(
      OperationTable operations,
      int[] ordered,
      int[] changeEnds,
      int[] predecessors,
      int[] predecessorEnds) {
    this.operations = operations;
    this.ordered = ordered;
    this.changeEnds = changeEnds;
    this.predecessors = predecessors;
    this.predecessorEnds = predecessorEnds;
  }

  /** Adds the deletions to the table of operations and links all operations. */
  static OperationLinks of(ChangeTable changes, OperationTable operations, int actorCount)
      throws MalformedDocumentException {
    var listed = operations.size();
    var ids = new IdTable(listed + operations.successorCount());
    for (var i = 0; i < listed; i++) {
      if (ids.putIfAbsent(operations.id(i), i) != IdTable.ABSENT) {
        throw MalformedDocumentException.structure("two operations have the same id");
      }
    }
    var targets = new int[operations.successorCount()];
    for (var i = 0; i < listed; i++) {
      for (var s = operations.firstSuccessor(i); s < operations.endOfSuccessors(i); s++) {
        var id = operations.successor(s);
        var target = ids.get(id);
        if (target == IdTable.ABSENT) {
          target = operations.addDeletion(id, i);
          ids.putIfAbsent(id, target);
        }
        targets[s] = target;
      }
    }
    var predecessorEnds = new int[operations.size()];
    var predecessors = predecessorsOf(operations, listed, targets, predecessorEnds);
    var changeEnds = new int[changes.size()];
    var ordered = orderByChange(changes, operations, actorCount, changeEnds);
    return new OperationLinks(operations, ordered, changeEnds, predecessors, predecessorEnds);
  }

  private static int[] predecessorsOf(
      OperationTable operations, int listed, int[] targets, int[] ends) {
    for (var target : targets) {
      ends[target]++;
    }
    var total = 0;
    var next = new int[ends.length];
    for (var i = 0; i < ends.length; i++) {
      next[i] = total;
      total += ends[i];
      ends[i] = total;
    }
    var predecessors = new int[total];
    for (var i = 0; i < listed; i++) {
      for (var s = operations.firstSuccessor(i); s < operations.endOfSuccessors(i); s++) {
        predecessors[next[targets[s]]++] = i;
      }
    }
    return predecessors;
  }

  /** Finds the change of each operation and puts the operations of each change in order. */
  private static int[] orderByChange(
      ChangeTable changes, OperationTable operations, int actorCount, int[] ends)
      throws MalformedDocumentException {
    var byActor = new ChangesOfActors(changes, actorCount);
    var changeOf = new int[operations.size()];
    for (var i = 0; i < changeOf.length; i++) {
      changeOf[i] = byActor.changeWith(operations.actor(i), operations.counter(i));
      ends[changeOf[i]]++;
    }
    var total = 0;
    var first = new int[ends.length];
    for (var i = 0; i < ends.length; i++) {
      first[i] = total;
      total += ends[i];
      ends[i] = total;
    }
    var ordered = new int[total];
    Arrays.fill(ordered, IdTable.ABSENT);
    for (var i = 0; i < changeOf.length; i++) {
      var change = changeOf[i];
      // The operations of a change have consecutive counters up to its last operation.
      var slot = ends[change] - 1L - (changes.lastOperation(change) - (long) operations.counter(i));
      if (slot < first[change] || ordered[(int) slot] != IdTable.ABSENT) {
        throw MalformedDocumentException.structure("the operations of a change have a gap");
      }
      ordered[(int) slot] = i;
    }
    return ordered;
  }

  /** The number of the change's operations. */
  int count(int change) {
    return changeEnds[change] - first(change);
  }

  private int first(int change) {
    return change == 0 ? 0 : changeEnds[change - 1];
  }

  /** An operation of the change, by its place in the change. */
  int operation(int change, int index) {
    return ordered[first(change) + index];
  }

  /** The operation's predecessors, ascending by counter and then by actor. */
  int[] predecessors(int operation) {
    var from = operation == 0 ? 0 : predecessorEnds[operation - 1];
    var to = predecessorEnds[operation];
    if (from == to) {
      return NONE;
    }
    var sorted = Arrays.copyOfRange(predecessors, from, to);
    // They are almost always in order: a document lists the values of a key by their ids.
    for (var i = 1; i < sorted.length; i++) {
      if (order(sorted[i]) < order(sorted[i - 1])) {
        return sorted(sorted);
      }
    }
    return sorted;
  }

  /** Sorts in O(n log n), since a hostile document can have a million predecessors in any order. */
  private int[] sorted(int[] unsorted) {
    return Arrays.stream(unsorted)
        .boxed()
        .sorted(Comparator.comparingLong(this::order))
        .mapToInt(Integer::intValue)
        .toArray();
  }

  private long order(int operation) {
    return (long) operations.counter(operation) << 32 | operations.actor(operation);
  }
}
