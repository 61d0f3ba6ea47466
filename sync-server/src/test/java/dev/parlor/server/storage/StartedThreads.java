package dev.parlor.server.storage;

import java.util.Arrays;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.FutureTask;

/**
 * The platform threads that one step starts, and the threads that these start. A thread inherits
 * its starter's group, so tests that run beside, with stores of their own, do not count.
 */
final class StartedThreads {
  private final ThreadGroup group = new ThreadGroup("started");

  /** Runs the step on a thread of the group, which has ended when this returns. */
  <T> T by(Callable<T> step) throws Exception {
    var task = new FutureTask<>(step);
    var thread = new Thread(group, task, "step");
    thread.start();
    thread.join();
    return task.get();
  }

  /** Those of them that are alive. */
  List<Thread> alive() {
    // The group's own number is an estimate, and what does not fit is left out without a word.
    var room = new Thread[group.activeCount() + 64];
    return List.of(Arrays.copyOf(room, group.enumerate(room)));
  }
}
