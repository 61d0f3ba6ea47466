package dev.parlor.crdt.document;

import java.util.function.IntUnaryOperator;

/**
 * The operations of a table in the order of their ids: by counter, then by actor. Finds an
 * operation by its id. Eight bytes for each operation; sorting takes linear time.
 */
final class OperationIds {

  private static final int DIGIT_BITS = 16;
  private static final int DIGITS = 1 << DIGIT_BITS;
  private static final int BUCKETS_MIN = 1 << 10;

  private final OperationTable operations;
  private final int[] ordered;

  /** Operations whose counters have the same high bits are neighbors in {@link #ordered}. */
  private final int[] bucketEnds;

  private final int shift;

  OperationIds(OperationTable operations) throws MalformedDocumentException {
    this.operations = operations;
    var size = operations.size();
    var actorMax = 0;
    var counterMax = 0;
    for (var i = 0; i < size; i++) {
      actorMax = Math.max(actorMax, operations.actor(i));
      counterMax = Math.max(counterMax, operations.counter(i));
    }
    var positions = new int[size];
    for (var i = 0; i < size; i++) {
      positions[i] = i;
    }
    ordered =
        sorted(sorted(positions, operations::actor, actorMax), operations::counter, counterMax);
    var bits = 0;
    while (counterMax >>> bits > Math.max(BUCKETS_MIN, size)) {
      bits++;
    }
    shift = bits;
    bucketEnds = new int[(counterMax >>> shift) + 1];
    for (var i = 0; i < size; i++) {
      var at = ordered[i];
      bucketEnds[operations.counter(at) >>> shift] = i + 1;
      if (i > 0 && id(ordered[i - 1]) == id(at)) {
        throw MalformedDocumentException.structure("two operations have the same id");
      }
    }
    for (var i = 1; i < bucketEnds.length; i++) {
      bucketEnds[i] = Math.max(bucketEnds[i], bucketEnds[i - 1]);
    }
  }

  /**
   * Sorts positions by a number from 0 to {@code max}, in a stable way.
   *
   * @param positions may be overwritten
   */
  static int[] sorted(int[] positions, IntUnaryOperator number, int max) {
    var from = positions;
    var spare = max == 0 ? from : new int[from.length];
    for (var bit = 0; bit < Integer.SIZE && max >>> bit > 0; bit += DIGIT_BITS) {
      var ends = new int[Math.min(DIGITS - 1, max >>> bit) + 1];
      for (var position : from) {
        ends[(number.applyAsInt(position) >>> bit) & (DIGITS - 1)]++;
      }
      var total = 0;
      for (var i = 0; i < ends.length; i++) {
        total += ends[i];
        ends[i] = total - ends[i];
      }
      for (var position : from) {
        spare[ends[(number.applyAsInt(position) >>> bit) & (DIGITS - 1)]++] = position;
      }
      var sorted = spare;
      spare = from;
      from = sorted;
    }
    return from;
  }

  /** All positions of operations, in the order of the ids. */
  int[] ordered() {
    return ordered;
  }

  /** The position of the operation with a packed id. */
  int position(long id) throws MalformedDocumentException {
    return position(OperationTable.actorOf(id), OperationTable.counterOf(id));
  }

  int position(int actor, int counter) throws MalformedDocumentException {
    var bucket = counter >>> shift;
    if (bucket < bucketEnds.length) {
      var id = byCounter(actor, counter);
      var low = bucket == 0 ? 0 : bucketEnds[bucket - 1];
      var high = bucketEnds[bucket] - 1;
      while (low <= high) {
        var middle = (low + high) >>> 1;
        var found = id(ordered[middle]);
        if (found == id) {
          return ordered[middle];
        }
        if (found < id) {
          low = middle + 1;
        } else {
          high = middle - 1;
        }
      }
    }
    throw MalformedDocumentException.structure(
        "an operation refers to an operation that is not in the document");
  }

  private long id(int operation) {
    return byCounter(operations.actor(operation), operations.counter(operation));
  }

  /** A packed id as a number in the order of ids: by counter, then by actor. */
  static long byCounter(long id) {
    return byCounter(OperationTable.actorOf(id), OperationTable.counterOf(id));
  }

  private static long byCounter(int actor, int counter) {
    return (long) counter << 32 | actor;
  }

  /** The reverse of {@link #byCounter}. */
  static long byActor(long ordered) {
    return OperationTable.pack((int) ordered, (int) (ordered >>> 32));
  }
}
