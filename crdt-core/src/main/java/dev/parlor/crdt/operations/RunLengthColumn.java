package dev.parlor.crdt.operations;

/**
 * Reads a run-length encoded column and accepts only the canonical form that Automerge writes:
 * repetitions of two or more, literals without equal neighbors, nulls, and no two runs that could
 * be one. A snapshot stores operations instead of the chunks of changes. A change in a different
 * form would therefore have a different hash when it is rebuilt from a snapshot.
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
  private int runKind = NONE;

  /**
   * Whether {@link #read} was already called for the next value: the first value of a literal is
   * read when the literal begins, to compare it with the run before.
   */
  private boolean firstLiteralIsRead;

  /** Whether a run of values was read: not all items so far are null. */
  private boolean hasValues;

  RunLengthColumn(ColumnBytes bytes, Fault fault, String name) {
    this.bytes = bytes;
    this.fault = fault;
    this.name = name;
  }

  /**
   * Reads the next value and makes it the current one.
   *
   * @param first whether no value comes directly before it: it is the first item or follows a null
   * @return whether the value differs from the value before it; true if {@code first}
   */
  abstract boolean read(boolean first);

  /** Whether the column is at its end. */
  final boolean atEnd() {
    return remainingInRun == 0 && bytes.atEnd();
  }

  /**
   * Reads the next item.
   *
   * @return whether the item has a value: false for a null or after a fault. In a column without
   *     bytes all items are null
   */
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
    if (runKind == NULLS) {
      return false;
    }
    if (runKind == LITERAL) {
      if (!firstLiteralIsRead && !read(false)) {
        fault.recordMalformed("the column " + name + " repeats a value outside a run");
      }
      firstLiteralIsRead = false;
    }
    return true;
  }

  /**
   * The number of items after the current one that are equal to it; 0 in a literal, unlimited in a
   * column without bytes.
   */
  final long repeats() {
    if (bytes.isEmpty()) {
      return Long.MAX_VALUE;
    }
    return runKind == LITERAL ? 0 : remainingInRun;
  }

  /** Skips {@code count} items, at most {@link #repeats}. */
  void skip(long count) {
    if (!bytes.isEmpty()) {
      remainingInRun -= count;
    }
  }

  /** Whether the current item is null. */
  final boolean isNull() {
    return bytes.isEmpty() || runKind == NULLS;
  }

  /** Checks that the column ends here. A column of nulls only is a fault: it must be absent. */
  final void finish() {
    if (!atEnd()) {
      fault.recordMalformed("the column " + name + " is longer than the others");
    } else if (runKind == NULLS && !hasValues) {
      fault.recordMalformed("the column " + name + " holds only nulls");
    }
  }

  private void openRun() {
    if (bytes.atEnd()) {
      fault.recordMalformed("the column " + name + " is shorter than the others");
      return;
    }
    var previousRunKind = runKind;
    var count = bytes.sleb();
    if (count > 0) {
      runKind = REPEAT;
      remainingInRun = count;
      if (!read(previousRunKind == NONE || previousRunKind == NULLS) || count == 1) {
        fault.recordMalformed("the column " + name + " has a run in another form than Automerge's");
      }
      hasValues = true;
    } else if (count < 0) {
      runKind = LITERAL;
      remainingInRun = -count;
      if (previousRunKind == LITERAL
          || remainingInRun < 0
          || !read(previousRunKind == NONE || previousRunKind == NULLS)) {
        fault.recordMalformed(
            "the column " + name + " has a literal in another form than Automerge's");
      }
      firstLiteralIsRead = true;
      hasValues = true;
    } else {
      runKind = NULLS;
      remainingInRun = bytes.uleb();
      if (previousRunKind == NULLS || remainingInRun == 0) {
        fault.recordMalformed("the column " + name + " has nulls in another form than Automerge's");
      }
    }
  }
}
