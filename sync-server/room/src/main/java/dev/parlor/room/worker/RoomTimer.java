package dev.parlor.room.worker;

import java.util.concurrent.Executors;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;

/**
 * The clock and timer of rooms. Tests replace it to control the time. Safe from any thread. Tasks
 * must be short.
 */
public interface RoomTimer extends AutoCloseable {

  /** Milliseconds since the epoch. */
  long now();

  /** Runs the task after this time. */
  void after(long millis, Runnable task);

  @Override
  default void close() {}

  /** The real timer, on a daemon thread of this name. After {@link #close}, no task runs. */
  static RoomTimer onThread(String name) {
    ScheduledExecutorService executor =
        Executors.newSingleThreadScheduledExecutor(
            task -> Thread.ofPlatform().name(name).daemon(true).unstarted(task));
    return new RoomTimer() {
      @Override
      public long now() {
        return System.currentTimeMillis();
      }

      @Override
      public void after(long millis, Runnable task) {
        try {
          var _ = executor.schedule(task, millis, TimeUnit.MILLISECONDS);
        } catch (RejectedExecutionException _) {
          // The timer is closed, and so are the rooms.
        }
      }

      @Override
      public void close() {
        executor.shutdownNow();
      }
    };
  }
}
