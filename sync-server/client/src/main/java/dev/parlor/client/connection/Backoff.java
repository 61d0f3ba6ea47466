package dev.parlor.client.connection;

import java.time.Duration;
import java.util.random.RandomGenerator;

/**
 * The pauses between attempts. The limit of the pause doubles with each failure; the pause is a
 * random time between half of the limit and the limit, so that the clients of a restarted server do
 * not come at the same moment. Used by one thread.
 */
final class Backoff {

  private static final int DOUBLINGS_MAX = 30;

  private final Timing timing;
  private final RandomGenerator random;
  private int failures;

  Backoff(Timing timing, RandomGenerator random) {
    this.timing = timing;
    this.random = random;
  }

  /** A connection was stable: the next pause is a short one. */
  void reset() {
    failures = 0;
  }

  /** The pause before the next attempt. */
  Duration next() {
    var limit = timing.pauseMax().toNanos();
    var doublings = Math.min(failures, DOUBLINGS_MAX);
    if (timing.pauseMin().toNanos() <= limit >> doublings) {
      limit = timing.pauseMin().toNanos() << doublings;
    }
    failures++;
    return Duration.ofNanos(limit - (long) (random.nextDouble() * limit / 2));
  }
}
