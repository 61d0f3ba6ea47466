package dev.parlor.crdt.operations;

/**
 * Walks the runs of a run-length encoded column and insists on the one form that Automerge writes:
 * repeats of two or more, literals in which no value follows itself, nulls, and never two runs that
 * could have been one. A document keeps its operations and not its chunks, so a change in another
 * form would come back from a snapshot under another hash.
 *
 * <p>Subclasses read and compare the values. Nothing is expanded: a run of 2^60 costs what a run of
 * two does.
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
   * @param first whether there is no value right before it, so nothing to compare with
   * @return whether it differs from the value before it
   */
  abstract boolean read(boolean first);

  /** Nothing is left. */
  final boolean done() {
    return left == 0 && bytes.atEnd();
  }

  /** Steps to the next item; false when it is null. A column without bytes is all null. */
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

  /** How many more items are what the last one was: of a run or of nulls, not of a literal. */
  final long repeats() {
    if (bytes.isEmpty()) {
      return Long.MAX_VALUE;
    }
    return kind == LITERAL ? 0 : left;
  }

  /** Steps over so many of {@link #repeats} at once. */
  void skip(long count) {
    if (!bytes.isEmpty()) {
      left -= count;
    }
  }

  /** Whether the current item is null. */
  final boolean isNull() {
    return bytes.isEmpty() || kind == NULLS;
  }

  /** The column must end here, and must not be there at all if it says nothing. */
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
