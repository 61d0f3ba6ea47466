package dev.parlor.crdt.operations;

/** A column of booleans: counts of false and true in turn. A column without bytes is all false. */
final class FlagColumn {

  private final ColumnBytes bytes;
  private final Fault fault;
  private final String name;
  private long left;
  private boolean value = true;
  private boolean begun;
  private boolean everTrue;

  FlagColumn(ColumnBytes bytes, Fault fault, String name) {
    this.bytes = bytes;
    this.fault = fault;
    this.name = name;
  }

  boolean next() {
    if (left == 0) {
      if (bytes.isEmpty()) {
        return false;
      }
      open();
    }
    left--;
    return value && !fault.present();
  }

  /** The number of further items equal to the last one. */
  long repeats() {
    return bytes.isEmpty() ? Long.MAX_VALUE : left;
  }

  /** Skips this many of {@link #repeats} at once. */
  void skip(long count) {
    if (!bytes.isEmpty()) {
      left -= count;
    }
  }

  /** The column must end here. */
  void finish() {
    if (left != 0 || !bytes.atEnd()) {
      fault.structure("the column " + name + " is longer than the others");
    }
  }

  boolean everTrue() {
    return everTrue;
  }

  boolean isEmpty() {
    return bytes.isEmpty();
  }

  private void open() {
    left = count();
    if (left == 0 && !begun && !fault.present()) {
      begun = true;
      value = false;
      left = count(); // the first count is for false, and only it may be zero
    }
    begun = true;
    value = !value;
    everTrue |= value;
    if (left == 0) {
      fault.structure("the column " + name + " has an empty run");
      left = 1;
    }
  }

  private long count() {
    if (bytes.atEnd()) {
      fault.structure("the column " + name + " is shorter than the others");
      return 0;
    }
    return bytes.uleb();
  }
}
