package dev.parlor.relay.storage;

import java.util.Arrays;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.FutureTask;

/**
 * Collects the platform threads that one step starts, directly or indirectly. A thread inherits the
 * thread group of its starter, so threads of concurrent tests do not count.
 */
final class StartedThreads {
  private final ThreadGroup group = new ThreadGroup("started");

  /** Runs the step on a new thread of the group and waits for the end of that thread. */
  <T> T run(Callable<T> step) throws Exception {
    var task = new FutureTask<>(step);
    var thread = new Thread(group, task, "step");
    thread.start();
    thread.join();
    return task.get();
  }

  /** The collected threads that are alive. */
  List<Thread> alive() {
    // activeCount() is an estimate, and enumerate() silently drops threads that do not fit.
    var buffer = new Thread[group.activeCount() + 64];
    return List.of(Arrays.copyOf(buffer, group.enumerate(buffer)));
  }
}
