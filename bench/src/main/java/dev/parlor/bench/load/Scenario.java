package dev.parlor.bench.load;

/**
 * The parameters of one measurement.
 *
 * @param history changes that each document has when measuring begins
 * @param readers clients per room that only receive
 * @param rooms documents, each with one writer
 * @param ratePerSecond edits per second of each writer
 * @param seconds the length of the measurement
 * @param warmEdits edits of the warm-up, made one by one in a separate document, the same number
 *     for every relay
 * @param idleSeconds the time for which the idle connections are measured
 * @param joins how many clients join one after the other at the end
 * @param delayMillis added delay in each direction
 */
record Scenario(
    int history,
    int readers,
    int rooms,
    int ratePerSecond,
    int seconds,
    int warmEdits,
    int idleSeconds,
    int joins,
    int delayMillis) {

  /** The rate of deliveries during warm-up: high, but below overload. */
  private static final int WARM_DELIVERIES_PER_SECOND = 20_000;

  private static final int WARM_RATE_MAX = 1_000;

  private static final int WARM_READERS_MAX = 50;

  Scenario withoutJoins() {
    return new Scenario(
        history, readers, rooms, ratePerSecond, seconds, warmEdits, idleSeconds, 0, delayMillis);
  }

  int measuredEdits() {
    return ratePerSecond * seconds;
  }

  /**
   * The last edits of the history, sent at the measured rate for twenty seconds, so that the work
   * that filling caused (compilation, deferred writes) ends before the measurement.
   */
  int settlingEdits() {
    return Math.min(20 * ratePerSecond, history / 2);
  }

  /**
   * The last warm-up edits, sent at the measured rate for a minute at most: the compiler still
   * works for a while after a burst, and a settled server is to be measured.
   */
  int slowWarmEdits() {
    return Math.min(60 * ratePerSecond, warmEdits / 10);
  }

  /** Edits per second while warming up. */
  int warmRate() {
    return Math.clamp(WARM_DELIVERIES_PER_SECOND / Math.max(1, warmReaders()), 1, WARM_RATE_MAX);
  }

  /** Readers during warm-up; with many readers the edits would take too long. */
  int warmReaders() {
    return Math.min(readers, WARM_READERS_MAX);
  }

  /** The number of changes that a writer needs. */
  int traceLength() {
    return history + measuredEdits();
  }
}
