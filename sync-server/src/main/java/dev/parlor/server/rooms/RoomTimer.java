package dev.parlor.server.rooms;

import java.util.concurrent.Executors;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;

/**
 * Time for rooms: what it is now, and things to run later. An argument, so that tests turn it by
 * hand. Safe from any thread; tasks only hand over to a mailbox.
 */
public interface RoomTimer extends AutoCloseable {

  /** Milliseconds since the epoch. */
  long now();

  void after(long millis, Runnable task);

  @Override
  default void close() {}

  /** The real one, on a daemon thread of that name; after its close nothing runs any more. */
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
          // closed: the rooms that the task belongs to are closing as well
        }
      }

      @Override
      public void close() {
        executor.shutdownNow();
      }
    };
  }
}
