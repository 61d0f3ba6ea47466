package dev.parlor.crdt.document;

import java.util.Arrays;

/**
 * The successors that later changes add to operations, as pairs of ids, until all operations are
 * known. Sixteen bytes for each pair.
 */
final class Successors {

  private static final int PAIRS_MIN = 16;

  private long[] predecessors = new long[PAIRS_MIN];
  private long[] successors = new long[PAIRS_MIN];
  private int size;

  /** Adds a pair of packed ids. */
  void add(long predecessor, long successor) throws MalformedDocumentException {
    if (size == predecessors.length) {
      var capacity = Math.min(1 << 28, size + (size >> 1));
      if (capacity == size) {
        throw MalformedDocumentException.limit("the document has too many overwritten values");
      }
      predecessors = Arrays.copyOf(predecessors, capacity);
      successors = Arrays.copyOf(successors, capacity);
    }
    predecessors[size] = predecessor;
    successors[size] = successor;
    size++;
  }

  void renumberActors(int[] newNumbers) {
    for (var i = 0; i < size; i++) {
      predecessors[i] = renumbered(predecessors[i], newNumbers);
      successors[i] = renumbered(successors[i], newNumbers);
    }
  }

  private static long renumbered(long id, int[] newNumbers) {
    return OperationTable.pack(
        newNumbers[OperationTable.actorOf(id)], OperationTable.counterOf(id));
  }

  /** Adds the successors to those that the operations have, in the order of their ids. */
  void addTo(OperationTable operations, OperationIds ids) throws MalformedDocumentException {
    var ends = new int[operations.size()];
    for (var i = 0; i < operations.size(); i++) {
      ends[i] = operations.endOfSuccessors(i) - operations.firstSuccessor(i);
    }
    for (var i = 0; i < size; i++) {
      var operation = ids.position(predecessors[i]);
      predecessors[i] = operation;
      ends[operation]++;
    }
    var total = 0L;
    for (var i = 0; i < ends.length; i++) {
      total += ends[i];
      if (total > 1 << 30) {
        throw MalformedDocumentException.limit("the document has too many overwritten values");
      }
      ends[i] = (int) total - ends[i]; // the first place, until it is filled
    }
    var all = new long[(int) total];
    for (var i = 0; i < operations.size(); i++) {
      for (var s = operations.firstSuccessor(i); s < operations.endOfSuccessors(i); s++) {
        all[ends[i]++] = OperationIds.byCounter(operations.successor(s));
      }
    }
    for (var i = 0; i < size; i++) {
      all[ends[(int) predecessors[i]]++] = OperationIds.byCounter(successors[i]);
    }
    var from = 0;
    for (var end : ends) {
      if (end - from > 1) {
        Arrays.sort(all, from, end);
      }
      from = end;
    }
    for (var i = 0; i < all.length; i++) {
      all[i] = OperationIds.byActor(all[i]);
    }
    operations.replaceSuccessors(all, ends);
  }
}
