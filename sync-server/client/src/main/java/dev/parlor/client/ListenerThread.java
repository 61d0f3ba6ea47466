package dev.parlor.client;

import java.util.concurrent.Executor;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.RejectedExecutionException;

/** The thread that calls the listeners of a repository; created with the first event. */
final class ListenerThread implements Executor, AutoCloseable {

  private final ExecutorService executor =
      Executors.newSingleThreadExecutor(
          task -> Thread.ofPlatform().daemon().name("parlor-client-listeners").unstarted(task));

  @Override
  public void execute(Runnable task) {
    try {
      executor.execute(task);
    } catch (RejectedExecutionException _) {
      // The repository is closed: nobody is told any more.
    }
  }

  /**
   * Drops the calls that wait. It does not wait for a running listener, which may be the caller.
   */
  @Override
  public void close() {
    executor.shutdownNow();
  }
}
