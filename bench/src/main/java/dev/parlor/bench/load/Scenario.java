package dev.parlor.bench.load;

/**
 * What is asked of a relay in one measurement.
 *
 * @param history changes that each document has before anyone measures
 * @param readers clients per room that only receive
 * @param rooms documents, each with one writer
 * @param ratePerSecond edits per second of each writer
 * @param seconds how long is measured
 * @param warmEdits edits of each writer before that, at {@link #WARM_RATE}, so that the JVM and
 *     Node are both compiled
 * @param joins how many clients join one after the other at the end
 */
record Scenario(
    int history, int readers, int rooms, int ratePerSecond, int seconds, int warmEdits, int joins) {

  /** Edits per second while warming up, unless the relay falls behind: then it waits for it. */
  static final int WARM_RATE = 1000;

  int measuredEdits() {
    return ratePerSecond * seconds;
  }

  /** All changes that a room's writer needs. */
  int traceLength() {
    return history + warmEdits + measuredEdits();
  }
}
