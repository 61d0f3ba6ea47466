package dev.parlor.relay.document;

import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** Schedules the next step of one document. Belongs to the document's worker. */
final class StepTimer {

  private final ScheduledExecutorService timers;
  private final Runnable step;

  /** The timer that was set last; null before the first. */
  private @Nullable ScheduledFuture<?> timer;

  /** The time at which {@link #timer} fires. */
  private long firesAt;

  /**
   * @param step starts a step; called on the thread of the timers
   */
  StepTimer(ScheduledExecutorService timers, Runnable step) {
    this.timers = timers;
    this.step = step;
  }

  /**
   * Makes sure that a step runs in this many nanoseconds at the latest.
   *
   * @param nanos {@code Long.MAX_VALUE} when no step is needed, as for most documents
   */
  void stepWithin(long nanos, long now) {
    if (nanos == Long.MAX_VALUE) {
      return;
    }
    var newAt = now + Math.max(0, nanos);
    var pending = timer;
    if (pending != null && !pending.isDone()) {
      // Keep an earlier timer, unless it is due: it may have started this step already.
      if (firesAt - now > 0 && firesAt - newAt <= 0) {
        return;
      }
      pending.cancel(false);
    }
    firesAt = newAt;
    timer = timers.schedule(step, newAt - now, TimeUnit.NANOSECONDS);
  }

  void cancel() {
    if (timer != null) {
      timer.cancel(false);
    }
  }
}
