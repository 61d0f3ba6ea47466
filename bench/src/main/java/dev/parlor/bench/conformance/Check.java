package dev.parlor.bench.conformance;

/**
 * One thing that can be seen from outside, and the rule that demands it.
 *
 * @param rule an id of {@code docs/protocol.md}
 * @param title what the server does, as a sentence without a subject
 * @param pace how it is run
 */
record Check(String rule, String title, Pace pace, Body body) {

  /** How a check is run. */
  enum Pace {
    /** Beside others, within 15 s. */
    QUICK(15_000),
    /**
     * Beside others, from the start on: it waits for something that the server does by the clock.
     */
    SLOW(30_000),
    /** Alone, after the others: it costs the server something, or might stop it. */
    ALONE(20_000),
    /** At the very end: it ends the server, which comes back. */
    RESTART(60_000);

    private final long millisMax;

    Pace(long millisMax) {
      this.millisMax = millisMax;
    }

    long millisMax() {
      return millisMax;
    }

    boolean isGentle() {
      return this == QUICK || this == SLOW;
    }
  }

  /** What a check does; it returns when the rule was kept. */
  @FunctionalInterface
  interface Body {
    /**
     * Runs the check.
     *
     * @return a detail for the report, mostly empty
     * @throws Finding when the server did something else
     * @throws NotOffered when it does not have what the rule is about
     */
    String run(Probe probe) throws Exception;
  }

  /** A body without details. */
  @FunctionalInterface
  interface Steps {
    void run(Probe probe) throws Exception;
  }

  static Check quick(String rule, String title, Steps steps) {
    return new Check(rule, title, Pace.QUICK, plain(steps));
  }

  static Check slow(String rule, String title, Steps steps) {
    return new Check(rule, title, Pace.SLOW, plain(steps));
  }

  static Check alone(String rule, String title, Steps steps) {
    return new Check(rule, title, Pace.ALONE, plain(steps));
  }

  static Check detailed(String rule, String title, Pace pace, Body body) {
    return new Check(rule, title, pace, body);
  }

  private static Body plain(Steps steps) {
    return probe -> {
      steps.run(probe);
      return "";
    };
  }
}
