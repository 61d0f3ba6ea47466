package dev.parlor.model;

import java.time.Duration;
import java.util.concurrent.Executors;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;

/**
 * Runs things later: the pace of {@link RehearsalClient}, the time-outs and retries of {@link
 * OpenAiClient}. An argument everywhere, so that tests turn time by hand. Safe from any thread;
 * tasks must be short.
 */
public interface ModelTimer extends AutoCloseable {

  /**
   * Runs the task once after the delay.
   *
   * @return takes the task back, if it has not begun; may be run any number of times
   */
  Runnable after(Duration delay, Runnable task);

  @Override
  default void close() {}

  /** A timer on one daemon thread of that name; after its close nothing runs any more. */
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
          return () -> {}; // closed: the calls that the task would have served are gone as well
        }
      }

      @Override
      public void close() {
        executor.shutdownNow();
      }
    };
  }
}
