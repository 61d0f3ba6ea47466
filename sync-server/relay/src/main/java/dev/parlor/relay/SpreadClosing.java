package dev.parlor.relay;

import dev.parlor.relay.config.FixedLimits;
import java.util.List;
import java.util.concurrent.TimeUnit;

/**
 * Closes the sockets of a node that is stopping one after the other, so that their clients do not
 * all connect to the other nodes at the same moment.
 */
public final class SpreadClosing {

  /** The text of the close frames. */
  public static final String REASON = "the server restarts";

  private SpreadClosing() {}

  /**
   * Runs the actions one after the other; blocks for at most {@link
   * FixedLimits#DRAIN_SPREAD_MILLIS_MAX}.
   *
   * @param closings an action for each open socket that closes it with 1012
   */
  public static void run(List<Runnable> closings) {
    var spreadNanos = TimeUnit.MILLISECONDS.toNanos(FixedLimits.DRAIN_SPREAD_MILLIS_MAX);
    var pauseNanos =
        Math.min(
            TimeUnit.MILLISECONDS.toNanos(FixedLimits.DRAIN_PAUSE_MILLIS_MAX),
            spreadNanos / Math.max(1, closings.size()));
    var start = System.nanoTime();
    for (var i = 0; i < closings.size(); i++) {
      closings.get(i).run();
      var remaining = start + (i + 1) * pauseNanos - System.nanoTime();
      if (remaining > 0) {
        try {
          TimeUnit.NANOSECONDS.sleep(remaining);
        } catch (InterruptedException e) {
          Thread.currentThread().interrupt();
          return;
        }
      }
    }
  }
}
