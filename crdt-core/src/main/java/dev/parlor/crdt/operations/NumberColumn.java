package dev.parlor.crdt.operations;

/** A run-length encoded column of numbers, as they are or as differences. */
final class NumberColumn extends Runs {

  /** What {@link #next} gives for a null. */
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

  /** By how much each of {@link #repeats} is above the one before: 0 but for differences. */
  long stride() {
    return delta && !isNull() ? value : 0;
  }

  /** As the numbers step: callers have seen that none gets out of bounds. */
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
