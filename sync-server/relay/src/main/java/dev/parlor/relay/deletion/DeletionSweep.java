package dev.parlor.relay.deletion;

import dev.parlor.relay.config.FixedLimits;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Runs {@link Deletions#sweep} at start and then at regular intervals, on a thread of its own. */
public final class DeletionSweep implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(DeletionSweep.class);

  private final ScheduledExecutorService thread =
      Executors.newSingleThreadScheduledExecutor(
          Thread.ofPlatform().daemon().name("deletions").factory());

  private DeletionSweep() {}

  /** Starts the thread. */
  public static DeletionSweep start(Deletions deletions) {
    var sweep = new DeletionSweep();
    var _ =
        sweep.thread.scheduleWithFixedDelay(
            () -> run(deletions), 0, FixedLimits.DELETION_SWEEP_MINUTES, TimeUnit.MINUTES);
    return sweep;
  }

  /** After an exception the next run would not happen. */
  private static void run(Deletions deletions) {
    try {
      deletions.sweep();
    } catch (RuntimeException e) {
      if (!Thread.currentThread().isInterrupted()) {
        LOG.error("the sweep for deleted documents failed", e);
      }
    }
  }

  @Override
  public void close() {
    thread.shutdownNow();
  }
}
