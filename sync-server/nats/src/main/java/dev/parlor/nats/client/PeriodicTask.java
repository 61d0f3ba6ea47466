package dev.parlor.nats.client;

import java.io.IOException;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Repeats an action with pauses, on a virtual thread of its own. A failure is logged, and the next
 * pause begins. Safe from any thread.
 */
public final class PeriodicTask implements AutoCloseable {

  private static final Logger LOG = LoggerFactory.getLogger(PeriodicTask.class);

  /** An action that may block. */
  public interface Action {
    /** Runs once. */
    void run() throws IOException;
  }

  private final String name;
  private final long pauseMillis;
  private final LongSupplier jitterMillis;
  private final Action action;
  private final Object lock = new Object();
  private boolean closed;
  private boolean soon;
  private @Nullable Thread thread;

  /**
   * @param name names the action in the log
   * @param pauseMillis pause before each run
   * @param jitterMillis what is added to a pause, so that nodes do not act at the same time
   */
  public PeriodicTask(String name, long pauseMillis, LongSupplier jitterMillis, Action action) {
    this.name = name;
    this.pauseMillis = pauseMillis;
    this.jitterMillis = jitterMillis;
    this.action = action;
  }

  /** Starts the repetitions with a pause. */
  public void start() {
    synchronized (lock) {
      if (!closed && thread == null) {
        thread = Thread.ofVirtual().name("cluster-" + name).start(this::repeat);
      }
    }
  }

  /** Ends the pause. */
  public void runSoon() {
    synchronized (lock) {
      soon = true;
      lock.notifyAll();
    }
  }

  private void repeat() {
    while (pause()) {
      try {
        action.run();
      } catch (IOException | RuntimeException e) {
        if (!isClosed()) {
          LOG.warn("the periodic work on the cluster's {} failed: {}", name, e.getMessage());
        }
      }
    }
  }

  private boolean isClosed() {
    synchronized (lock) {
      return closed;
    }
  }

  /** Waits; returns whether the action must run. */
  private boolean pause() {
    var end =
        System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(pauseMillis + jitterMillis.getAsLong());
    synchronized (lock) {
      try {
        for (var rest = end - System.nanoTime();
            rest > 0 && !soon && !closed;
            rest = end - System.nanoTime()) {
          TimeUnit.NANOSECONDS.timedWait(lock, rest);
        }
      } catch (InterruptedException e) {
        return false;
      }
      soon = false;
      return !closed;
    }
  }

  /** Ends the repetitions. An action that runs is interrupted and not waited for. */
  @Override
  public void close() {
    synchronized (lock) {
      closed = true;
      lock.notifyAll();
      if (thread != null) {
        thread.interrupt();
      }
    }
  }
}
