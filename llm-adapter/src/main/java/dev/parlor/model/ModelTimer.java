package dev.parlor.model;

import java.time.Duration;
import java.util.concurrent.Executors;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;

/**
 * Runs tasks after a delay: the words of {@link RehearsalClient}, and the timeouts and retries of
 * {@link OpenAiClient}. It is a constructor argument, so that tests control the time. Thread-safe;
 * tasks must be short.
 */
public interface ModelTimer extends AutoCloseable {

  /**
   * Runs the task once after the delay.
   *
   * @return cancels the task if it has not begun; may be run any number of times
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
          return () -> {}; // the timer is closed, and so are the calls that the task belongs to
        }
      }

      @Override
      public void close() {
        executor.shutdownNow();
      }
    };
  }
}
