package dev.parlor.crdt.operations;

/**
 * Reads a run-length encoded column and accepts only the canonical form that Automerge writes:
 * repetitions of two or more, literals without equal neighbors, nulls, and no two runs that could
 * be one. A document stores operations instead of chunks: a change in a different form would have a
 * different hash after a snapshot.
 *
 * <p>Subclasses read and compare the values. Runs are not expanded: skipping a run of 2^60 items
 * costs as much as skipping two.
 */
abstract class RunLengthColumn {

  private static final int NONE = 0;
  private static final int REPEAT = 1;
  private static final int LITERAL = 2;
  private static final int NULLS = 3;

  final ColumnBytes bytes;
  final Fault fault;
  private final String name;
  private long remainingInRun;
  private int kind = NONE;

  /** Whether the first value of the current literal was read already, to compare it. */
  private boolean firstLiteralIsRead;

  private boolean hasValues;

  RunLengthColumn(ColumnBytes bytes, Fault fault, String name) {
    this.bytes = bytes;
    this.fault = fault;
    this.name = name;
  }

  /**
   * Reads the next value and makes it the current one.
   *
   * @param first whether there is no previous value to compare with
   * @return whether the value differs from the value before it
   */
  abstract boolean read(boolean first);

  /** Whether the column is at its end. */
  final boolean atEnd() {
    return remainingInRun == 0 && bytes.atEnd();
  }

  /** Reads the next item; false if the item is null. In a column without bytes all are null. */
  final boolean step() {
    if (remainingInRun == 0) {
      if (bytes.isEmpty()) {
        return false;
      }
      openRun();
    }
    if (fault.isPresent()) {
      return false;
    }
    remainingInRun--;
    if (kind == NULLS) {
      return false;
    }
    if (kind == LITERAL) {
      if (!firstLiteralIsRead && !read(false)) {
        fault.recordStructure("the column " + name + " repeats a value outside a run");
      }
      firstLiteralIsRead = false;
    }
    return true;
  }

  /** The number of following items equal to the current one; 0 in a literal. */
  final long repeats() {
    if (bytes.isEmpty()) {
      return Long.MAX_VALUE;
    }
    return kind == LITERAL ? 0 : remainingInRun;
  }

  /** Skips {@code count} items, at most {@link #repeats}. */
  void skip(long count) {
    if (!bytes.isEmpty()) {
      remainingInRun -= count;
    }
  }

  /** Whether the current item is null. */
  final boolean isNull() {
    return bytes.isEmpty() || kind == NULLS;
  }

  /** Checks that the column ends here. A column of nulls only is a fault: it must be absent. */
  final void finish() {
    if (!atEnd()) {
      fault.recordStructure("the column " + name + " is longer than the others");
    } else if (kind == NULLS && !hasValues) {
      fault.recordStructure("the column " + name + " holds only nulls");
    }
  }

  private void openRun() {
    if (bytes.atEnd()) {
      fault.recordStructure("the column " + name + " is shorter than the others");
      return;
    }
    var previousKind = kind;
    var count = bytes.sleb();
    if (count > 0) {
      kind = REPEAT;
      remainingInRun = count;
      if (!read(previousKind == NONE || previousKind == NULLS) || count == 1) {
        fault.recordStructure("the column " + name + " has a run in another form than Automerge's");
      }
      hasValues = true;
    } else if (count < 0) {
      kind = LITERAL;
      remainingInRun = -count;
      if (previousKind == LITERAL
          || remainingInRun < 0
          || !read(previousKind == NONE || previousKind == NULLS)) {
        fault.recordStructure(
            "the column " + name + " has a literal in another form than Automerge's");
      }
      firstLiteralIsRead = true;
      hasValues = true;
    } else {
      kind = NULLS;
      remainingInRun = bytes.uleb();
      if (previousKind == NULLS || remainingInRun == 0) {
        fault.recordStructure("the column " + name + " has nulls in another form than Automerge's");
      }
    }
  }
}
