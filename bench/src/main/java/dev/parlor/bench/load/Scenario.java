package dev.parlor.bench.load;

/**
 * What is asked of a relay in one measurement.
 *
 * @param history changes that each document has when measuring begins
 * @param readers clients per room that only receive
 * @param rooms documents, each with one writer
 * @param ratePerSecond edits per second of each writer
 * @param seconds how long is measured
 * @param warmEdits edits before that in a document of its own, one by one, the same number for
 *     every relay
 * @param idleSeconds how long the same connections are watched doing nothing
 * @param joins how many clients join one after the other at the end
 * @param delayMillis that everything takes on its way to the server, and as long back
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

  /** Deliveries per second while warming up: fast, but no flood. */
  private static final int WARM_DELIVERIES = 20_000;

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
   * The last of the history, sent at the measured pace before measuring: twenty seconds of it, so
   * that what filling left behind (compilations, writes put off) is over.
   */
  int settlingEdits() {
    return Math.min(20 * ratePerSecond, history / 2);
  }

  /**
   * The last of the edits that warm up come at the measured pace, a minute of it at most: compilers
   * go on for a while after a burst, and what is measured is a server that has settled.
   */
  int slowWarmEdits() {
    return Math.min(60 * ratePerSecond, warmEdits / 10);
  }

  /** Edits per second while warming up. */
  int warmRate() {
    return Math.clamp(WARM_DELIVERIES / Math.max(1, warmReaders()), 1, WARM_RATE_MAX);
  }

  /** Readers while warming up: with many the same edits would take too long. */
  int warmReaders() {
    return Math.min(readers, WARM_READERS_MAX);
  }

  /** All changes that a room's writer needs. */
  int traceLength() {
    return history + measuredEdits();
  }
}
