package dev.parlor.crdt.operations;

/** A run-length encoded column of numbers, or of differences between consecutive numbers. */
final class NumberColumn extends RunLengthColumn {

  /** The result of {@link #next} for a null. */
  static final long NULL = -1;

  private final boolean isDelta;

  /** The current item as encoded: the number itself, or its difference from the previous number. */
  private long value;

  /** The current number, if the column stores differences. */
  private long absolute;

  NumberColumn(ColumnBytes bytes, Fault fault, String name, boolean isDelta) {
    super(bytes, fault, name);
    this.isDelta = isDelta;
  }

  /** Reads the next number, which is not negative; {@link #NULL} for a null. */
  long next() {
    if (!step()) {
      return NULL;
    }
    if (!isDelta) {
      return value;
    }
    absolute += value;
    if (absolute < 0 || absolute > Integer.MAX_VALUE) {
      fault.recordMalformed("a counter is negative or above 31 bits");
      absolute = 0;
    }
    return absolute;
  }

  /**
   * The difference between consecutive items of {@link #repeats}; 0 unless the column stores
   * differences.
   */
  long stride() {
    return isDelta && !isNull() ? value : 0;
  }

  /** Skips without checks: the caller has checked that no number leaves its bounds. */
  @Override
  void skip(long count) {
    super.skip(count);
    absolute += stride() * count;
  }

  @Override
  boolean read(boolean first) {
    var previous = value;
    value = isDelta ? bytes.sleb() : bytes.uleb();
    if (isDelta && (value > Integer.MAX_VALUE || value < -Integer.MAX_VALUE)) {
      fault.recordMalformed("a counter is negative or above 31 bits");
    }
    return first || value != previous;
  }
}
