package dev.parlor.crdt.document;

import java.util.Arrays;

/**
 * Checks that the operations of a document are in Automerge's order. The hashes of the changes do
 * not prove it, but a replica trusts it: in another order the same changes would show another text.
 *
 * <p>Operations are grouped by object: the root first, then the other objects by their ids. In a
 * map they are ordered by key and then by id. In a list or text each element is followed by the
 * later operations on it, by their ids. Elements are in the order of a tree in which the parent of
 * an element is the element that it was inserted after: parents come before their children, and
 * children with higher ids come before those with lower ids.
 */
final class OperationOrder {

  /** The parent of the elements at the beginning of a list; lower than all ids. */
  private static final long HEAD = 0;

  private static final long NO_CHILD = Long.MAX_VALUE;

  private final OperationTable operations;

  /** The ids of the current element and of its ancestors, the head first. */
  private long[] ancestors = new long[64];

  /** The id of the last child of each ancestor. */
  private long[] lastChildren = new long[64];

  private int depth;

  private OperationOrder(OperationTable operations) {
    this.operations = operations;
  }

  /**
   * Whether the operations are in order, and the successors of each operation too.
   *
   * @param listed the number of operations, without the deletions
   */
  static boolean isKept(OperationTable operations, int listed) {
    return new OperationOrder(operations).isKept(listed);
  }

  private boolean isKept(int listed) {
    for (var i = 0; i < listed; i++) {
      if (operations.action(i) == OperationTable.DELETE || !successorsAscend(i)) {
        return false;
      }
      var order = i == 0 ? -1 : Long.compare(object(i - 1), object(i));
      if (order > 0) {
        return false;
      }
      if (order < 0) {
        beginObject();
      }
      var isFirst = order < 0;
      var isKeyed = operations.keyString(i) != null;
      if (!isFirst && isKeyed != (operations.keyString(i - 1) != null)) {
        return false;
      }
      if (!(isKeyed ? isFirst || keysAscend(i) : isElementInOrder(i, isFirst))) {
        return false;
      }
    }
    return true;
  }

  private void beginObject() {
    depth = 1;
    ancestors[0] = HEAD;
    lastChildren[0] = NO_CHILD;
  }

  private boolean keysAscend(int operation) {
    var key = operations.keyString(operation);
    var previous = operations.keyString(operation - 1);
    if (key == null || previous == null) {
      return false;
    }
    var order = previous.compareTo(key);
    return order < 0 || (order == 0 && id(operation - 1) < id(operation));
  }

  private boolean isElementInOrder(int operation, boolean isFirst) {
    var key = key(operation);
    var id = id(operation);
    if (!operations.isInsert(operation)) {
      return !isFirst && key == ancestors[depth - 1] && id(operation - 1) < id;
    }
    while (depth > 0 && ancestors[depth - 1] != key) {
      depth--;
    }
    if (depth == 0 || lastChildren[depth - 1] <= id) {
      return false;
    }
    lastChildren[depth - 1] = id;
    if (depth == ancestors.length) {
      ancestors = Arrays.copyOf(ancestors, depth * 2);
      lastChildren = Arrays.copyOf(lastChildren, depth * 2);
    }
    ancestors[depth] = id;
    lastChildren[depth] = NO_CHILD;
    depth++;
    return true;
  }

  private boolean successorsAscend(int operation) {
    var end = operations.endOfSuccessors(operation);
    for (var s = operations.firstSuccessor(operation) + 1; s < end; s++) {
      if (byCounter(operations.successor(s - 1)) >= byCounter(operations.successor(s))) {
        return false;
      }
    }
    return true;
  }

  /** A packed id in the order of ids: by counter, then by actor. */
  private static long byCounter(long id) {
    return ordered(OperationTable.actorOf(id), OperationTable.counterOf(id));
  }

  private static long ordered(int actor, int counter) {
    return (long) counter << 32 | actor;
  }

  private long id(int operation) {
    return ordered(operations.actor(operation), operations.counter(operation));
  }

  /** The object in the order of objects; -1 for the root. */
  private long object(int operation) {
    var actor = operations.objectActor(operation);
    return actor == OperationTable.NONE ? -1 : ordered(actor, operations.objectCounter(operation));
  }

  private long key(int operation) {
    var actor = operations.keyActor(operation);
    return actor == OperationTable.NONE ? HEAD : ordered(actor, operations.keyCounter(operation));
  }
}
