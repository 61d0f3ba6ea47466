package dev.parlor.crdt.operations;

/** A run-length encoded column of numbers, as they are or as differences. */
final class NumberColumn extends Runs {

  /** The result of {@link #next} for a null. */
  static final long NULL = -1;

  private final boolean delta;
  private long value;
  private long absolute;

  NumberColumn(ColumnBytes bytes, Fault fault, String name, boolean delta) {
    super(bytes, fault, name);
    this.delta = delta;
  }

  /** The next number, not negative, or {@link #NULL}. */
  long next() {
    if (!step()) {
      return NULL;
    }
    if (!delta) {
      return value;
    }
    absolute += value;
    if (absolute < 0 || absolute > Integer.MAX_VALUE) {
      fault.structure("a counter is negative or above 31 bits");
      absolute = 0;
    }
    return absolute;
  }

  /**
   * The difference between consecutive items of {@link #repeats}; 0 unless the column stores
   * differences.
   */
  long stride() {
    return delta && !isNull() ? value : 0;
  }

  /** Skips without checks: the caller has checked that no number leaves its bounds. */
  @Override
  void skip(long count) {
    super.skip(count);
    absolute += stride() * count;
  }

  @Override
  boolean read(boolean first) {
    var before = value;
    value = delta ? bytes.sleb() : bytes.uleb();
    if (delta && (value > Integer.MAX_VALUE || value < -Integer.MAX_VALUE)) {
      fault.structure("a counter is negative or above 31 bits");
    }
    return first || value != before;
  }
}
