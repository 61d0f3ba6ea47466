package dev.parlor.crdt.operations;

import dev.parlor.crdt.format.ChangeChunk;

/**
 * How much there is to do in a change before anything of it is done: run lengths make half a
 * million operations fit into a hundred bytes, so bytes say nothing about it. Whoever shares a
 * thread with others asks here first.
 */
public final class ClaimedWork {

  private ClaimedWork() {}

  /**
   * Operations and predecessors as the run lengths claim them, at most {@code most}. Costs as much
   * as the bytes of two columns; of malformed columns it counts what stands before the fault, which
   * is where reading ends too.
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
