package dev.parlor.crdt.operations;

import dev.parlor.crdt.format.ChangeChunk;

/**
 * The work that a change declares, known before the work is done. Run lengths let half a million
 * operations fit into a hundred bytes, so the bytes do not bound the work. Code that shares a
 * thread asks here first.
 */
public final class DeclaredCost {

  private DeclaredCost() {}

  /**
   * The operations and predecessors that the run lengths declare, at most {@code most}. The cost is
   * proportional to the bytes of two columns. In malformed columns it counts up to the fault, where
   * reading ends as well.
   */
  public static long of(ChangeChunk change, long most) {
    var fault = new Fault();
    var columns = ChangeColumns.read(change.columns(), fault);
    return fault.present() ? 0 : of(columns, most);
  }

  static long of(ChangeColumns columns, long most) {
    var fault = new Fault();
    var operations = items(columns, ChangeColumns.ACTION, fault, most);
    return Math.min(
        most, operations + items(columns, ChangeColumns.PREDECESSOR_COUNTER, fault, most));
  }

  private static long items(ChangeColumns columns, int which, Fault fault, long most) {
    var bytes = new ColumnBytes(columns.column(which), fault);
    var total = 0L;
    while (!bytes.atEnd() && !fault.present() && total < most) {
      var count = bytes.sleb();
      if (count > 0) {
        total += Math.min(count, most);
        bytes.sleb();
      } else if (count == 0) {
        total += Math.min(bytes.uleb(), most);
      } else {
        for (var i = count; i < 0 && !bytes.atEnd(); i++) {
          total++;
          bytes.sleb();
        }
      }
    }
    return Math.min(total, most);
  }
}
