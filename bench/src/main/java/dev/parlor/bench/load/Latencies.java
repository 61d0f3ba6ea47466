package dev.parlor.bench.load;

import java.util.Arrays;

/** Collects times in nanoseconds. Every value is stored, so that percentiles are exact. */
public final class Latencies {

  private long[] values = new long[1024];
  private int count;

  public void add(long nanos) {
    if (count == values.length) {
      values = Arrays.copyOf(values, count * 2);
    }
    values[count++] = nanos;
  }

  public int count() {
    return count;
  }

  /** The nearest-rank percentile in milliseconds; NaN without a measurement. */
  public double millis(double percentile) {
    if (count == 0) {
      return Double.NaN;
    }
    var sorted = Arrays.copyOf(values, count);
    Arrays.sort(sorted);
    var rank = (int) Math.ceil(percentile / 100 * count);
    return sorted[Math.max(0, Math.min(count - 1, rank - 1))] / 1e6;
  }
}
