package dev.parlor.bench.conformance;

/**
 * One observable behavior, and the rule that requires it.
 *
 * @param rule an id of {@code docs/protocol.md}
 * @param title the behavior of the server, as a sentence without a subject
 * @param pace how it is run
 */
record Check(String rule, String title, Pace pace, Body body) {

  /** How a check is run. */
  enum Pace {
    /** Beside others, within 15 s. */
    QUICK(15_000),
    /** Beside others, from the start on: it waits for a timer of the server. */
    SLOW(45_000),
    /** Alone, after the others: it is expensive for the server, or might stop it. */
    ALONE(20_000),
    /** At the very end: it kills the server, which a supervisor restarts. */
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

  /** The code of a check; it returns if the server kept the rule. */
  @FunctionalInterface
  interface Body {
    /**
     * Runs the check.
     *
     * @return a detail for the report, mostly empty
     * @throws Finding if the server broke the rule
     * @throws NotOfferedException if the server lacks the optional feature of the rule
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
