package dev.parlor.model;

import java.time.Duration;
import java.util.concurrent.Executors;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;

/**
 * Runs tasks after a delay. {@link RehearsalClient} uses it for the delay before each word, {@link
 * EndpointClient} for timeouts and retries. Tests pass a timer that they control. Thread-safe;
 * tasks must be short.
 */
public interface ModelTimer extends AutoCloseable {

  /**
   * Runs the task once after the delay.
   *
   * @return an action that cancels the task if it has not begun; it may run any number of times
   */
  Runnable after(Duration delay, Runnable task);

  @Override
  default void close() {}

  /** A timer on one daemon thread of this name. After {@code close} it runs no more tasks. */
  static ModelTimer onThread(String name) {
    ScheduledExecutorService executor =
        Executors.newSingleThreadScheduledExecutor(
            task -> Thread.ofPlatform().name(name).daemon(true).unstarted(task));
    return new ModelTimer() {
      @Override
      public Runnable after(Duration delay, Runnable task) {
        try {
          var scheduled = executor.schedule(task, delay.toNanos(), TimeUnit.NANOSECONDS);
          return () -> scheduled.cancel(false);
        } catch (RejectedExecutionException _) {
          return () -> {}; // the timer is closed, so the task never runs
        }
      }

      @Override
      public void close() {
        executor.shutdownNow();
      }
    };
  }
}
