package dev.parlor.bench.conformance;

/**
 * A check of one observable behavior of a server.
 *
 * @param rule the id of the rule of {@code docs/protocol.md} that requires the behavior
 * @param title the behavior of the server, as a sentence without a subject
 * @param pace when the check runs, and how long it may take
 */
record Check(String rule, String title, Pace pace, Body body) {

  /** When a check runs, and how long it may take. */
  enum Pace {
    /** At the same time as other checks. */
    QUICK(15_000),
    /**
     * At the same time as other checks, from the start: the check waits for a timer of the server.
     */
    SLOW(45_000),
    /** Alone, after the other checks: it is expensive for the server, or might stop it. */
    ALONE(20_000),
    /** At the end: the check kills the server, which a supervisor restarts. */
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

  /** The code of a check. It returns if the server keeps the rule. */
  @FunctionalInterface
  interface Body {
    /**
     * Runs the check.
     *
     * @return a detail for the report; empty in most checks
     * @throws Finding if the server breaks the rule
     * @throws NotOfferedException if the server does not offer the optional feature of the rule
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
