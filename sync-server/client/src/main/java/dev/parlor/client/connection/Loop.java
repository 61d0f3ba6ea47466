package dev.parlor.client.connection;

import java.time.Duration;

/**
 * Runs the tasks of one repository, one after the other, now or after a time. Programs use {@link
 * #onThread}; a test can run the tasks itself and choose the time.
 */
public interface Loop extends AutoCloseable {

  /** A task that waits for its time. */
  interface Timer {
    /** Prevents the task from running, if it has not begun. */
    void cancel();
  }

  /** Runs the task soon; callable from any thread. After {@link #close} it does nothing. */
  void execute(Runnable task);

  /** Runs the task after this time; callable from any thread. */
  Timer schedule(Duration delay, Runnable task);

  /** The time in nanoseconds from some origin; only differences have a meaning. */
  long nanoTime();

  /** Runs no further tasks, and waits for the end of the task that runs now. */
  @Override
  void close();

  /** A loop with a daemon thread of its own. */
  static Loop onThread(String name) {
    return new ThreadLoop(name);
  }
}
