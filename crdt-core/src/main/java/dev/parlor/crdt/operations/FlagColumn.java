package dev.parlor.crdt.operations;

/**
 * A column of booleans: a count of false, a count of true, and so on in turn. In a column without
 * bytes all items are false.
 */
final class FlagColumn {

  private final ColumnBytes bytes;
  private final Fault fault;
  private final String name;
  private long remainingInRun;
  private boolean value = true;
  private boolean firstRunIsRead;
  private boolean hasTrue;

  FlagColumn(ColumnBytes bytes, Fault fault, String name) {
    this.bytes = bytes;
    this.fault = fault;
    this.name = name;
  }

  boolean next() {
    if (remainingInRun == 0) {
      if (bytes.isEmpty()) {
        return false;
      }
      openRun();
    }
    remainingInRun--;
    return value && !fault.isPresent();
  }

  /** The number of following items equal to the current one. */
  long repeats() {
    return bytes.isEmpty() ? Long.MAX_VALUE : remainingInRun;
  }

  /** Skips {@code count} items, at most {@link #repeats}. */
  void skip(long count) {
    if (!bytes.isEmpty()) {
      remainingInRun -= count;
    }
  }

  /** Checks that the column ends here. */
  void finish() {
    if (remainingInRun != 0 || !bytes.atEnd()) {
      fault.recordMalformed("the column " + name + " is longer than the others");
    }
  }

  boolean hasTrue() {
    return hasTrue;
  }

  boolean isEmpty() {
    return bytes.isEmpty();
  }

  private void openRun() {
    remainingInRun = readCount();
    if (remainingInRun == 0 && !firstRunIsRead && !fault.isPresent()) {
      firstRunIsRead = true;
      value = false;
      // The first count is for false and is 0 if the first item is true. No other count may be 0.
      remainingInRun = readCount();
    }
    firstRunIsRead = true;
    value = !value;
    hasTrue |= value;
    if (remainingInRun == 0) {
      fault.recordMalformed("the column " + name + " has an empty run");
      remainingInRun = 1;
    }
  }

  private long readCount() {
    if (bytes.atEnd()) {
      fault.recordMalformed("the column " + name + " is shorter than the others");
      return 0;
    }
    return bytes.uleb();
  }
}
