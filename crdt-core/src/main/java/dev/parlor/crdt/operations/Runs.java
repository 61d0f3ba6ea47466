package dev.parlor.crdt.operations;

/**
 * Reads the runs of a run-length encoded column and accepts only the canonical form that Automerge
 * writes: repetitions of two or more, literals without equal neighbors, nulls, and no two runs that
 * could be one. A document stores operations instead of chunks, so a change in another form would
 * have another hash after a snapshot.
 *
 * <p>Subclasses read and compare the values. Runs are not expanded: a run of 2^60 costs as much as
 * a run of two.
 */
abstract class Runs {

  private static final int NONE = 0;
  private static final int REPEAT = 1;
  private static final int LITERAL = 2;
  private static final int NULLS = 3;

  final ColumnBytes bytes;
  final Fault fault;
  private final String name;
  private long left;
  private int kind = NONE;
  private boolean held;

  Runs(ColumnBytes bytes, Fault fault, String name) {
    this.bytes = bytes;
    this.fault = fault;
    this.name = name;
  }

  /**
   * Reads the next value and makes it the current one.
   *
   * @param first whether there is no previous value to compare with
   * @return whether it differs from the value before it
   */
  abstract boolean read(boolean first);

  /** Whether the column is at its end. */
  final boolean done() {
    return left == 0 && bytes.atEnd();
  }

  /** Reads the next item; false if it is null. A column without bytes is all null. */
  final boolean step() {
    if (left == 0) {
      if (bytes.isEmpty()) {
        return false;
      }
      open();
    }
    if (fault.present()) {
      return false;
    }
    left--;
    if (kind == NULLS) {
      return false;
    }
    if (kind == LITERAL) {
      if (!held && !read(false)) {
        fault.structure("the column " + name + " repeats a value outside a run");
      }
      held = false;
    }
    return true;
  }

  /** The number of further items equal to the last one, in a run or in nulls, not in a literal. */
  final long repeats() {
    if (bytes.isEmpty()) {
      return Long.MAX_VALUE;
    }
    return kind == LITERAL ? 0 : left;
  }

  /** Skips this many of {@link #repeats} at once. */
  void skip(long count) {
    if (!bytes.isEmpty()) {
      left -= count;
    }
  }

  /** Whether the current item is null. */
  final boolean isNull() {
    return bytes.isEmpty() || kind == NULLS;
  }

  /** Checks that the column ends here, and that a column without information is absent. */
  final void finish() {
    if (!done()) {
      fault.structure("the column " + name + " is longer than the others");
    } else if (kind == NULLS && !everHeldValue) {
      fault.structure("the column " + name + " holds only nulls");
    }
  }

  private boolean everHeldValue;

  private void open() {
    if (bytes.atEnd()) {
      fault.structure("the column " + name + " is shorter than the others");
      return;
    }
    var before = kind;
    var count = bytes.sleb();
    if (count > 0) {
      kind = REPEAT;
      left = count;
      if (!read(before == NONE || before == NULLS) || count == 1) {
        fault.structure("the column " + name + " has a run in another form than Automerge's");
      }
      everHeldValue = true;
    } else if (count < 0) {
      kind = LITERAL;
      left = -count;
      if (before == LITERAL || left < 0 || !read(before == NONE || before == NULLS)) {
        fault.structure("the column " + name + " has a literal in another form than Automerge's");
      }
      held = true;
      everHeldValue = true;
    } else {
      kind = NULLS;
      left = bytes.uleb();
      if (before == NULLS || left == 0) {
        fault.structure("the column " + name + " has nulls in another form than Automerge's");
      }
    }
  }
}
