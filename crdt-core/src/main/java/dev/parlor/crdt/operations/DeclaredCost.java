package dev.parlor.crdt.operations;

import dev.parlor.crdt.format.ChangeChunk;

/**
 * The number of operations that a change declares in its run lengths. It is known before the
 * operations are read. Half a million operations fit into a hundred bytes, so the length of a
 * change does not bound the work. Code on a shared thread checks this number first.
 */
public final class DeclaredCost {

  private DeclaredCost() {}

  /**
   * The operations and predecessors that the run lengths declare, at most {@code max}. The time is
   * proportional to the bytes of two columns. In malformed columns it counts up to the fault, where
   * the reading of operations ends too.
   */
  public static long of(ChangeChunk change, long max) {
    var fault = new Fault();
    var columns = ChangeColumns.read(change.columns(), fault);
    return fault.isPresent() ? 0 : of(columns, max);
  }

  static long of(ChangeColumns columns, long max) {
    var fault = new Fault();
    var operations = items(columns, ChangeColumns.ACTION, fault, max);
    return Math.min(
        max, operations + items(columns, ChangeColumns.PREDECESSOR_COUNTER, fault, max));
  }

  private static long items(ChangeColumns columns, int column, Fault fault, long max) {
    var bytes = new ColumnBytes(columns.column(column), fault);
    var total = 0L;
    while (!bytes.atEnd() && !fault.isPresent() && total < max) {
      var count = bytes.sleb();
      if (count > 0) {
        total += Math.min(count, max);
        bytes.sleb();
      } else if (count == 0) {
        total += Math.min(bytes.uleb(), max);
      } else {
        for (var i = count; i < 0 && !bytes.atEnd(); i++) {
          total++;
          bytes.sleb();
        }
      }
    }
    return Math.min(total, max);
  }
}
