package dev.parlor.relay.document;

import dev.parlor.relay.config.Limits;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Requests a full collection when many documents have left memory and no more documents are opened
 * or closed. The Java runtime collects garbage only when it needs memory, so an idle server would
 * otherwise keep the memory of its busiest time. It checks every few seconds on a separate thread.
 */
public final class MemoryReturn implements AutoCloseable {

  private static final Logger LOG = LoggerFactory.getLogger(MemoryReturn.class);

  private final Limits.Memory limits;
  private final Runnable collection;
  private final ScheduledExecutorService thread =
      Executors.newSingleThreadScheduledExecutor(
          Thread.ofPlatform().daemon().name("memory").factory());

  /** The number of opened and closed documents at the last check. */
  private long lastTotal;

  private long quietSince;

  /** The number of closed documents at the last collection. */
  private long closedBefore;

  private long collectedAt;

  /**
   * Creates an object that does not check until it watches a directory.
   *
   * @param collection frees unreachable objects, in production {@code System::gc}
   * @param nowNanos the time of a monotonic clock
   */
  public MemoryReturn(Limits.Memory limits, Runnable collection, long nowNanos) {
    this.limits = limits;
    this.collection = collection;
    this.quietSince = nowNanos;
    this.collectedAt = nowNanos - TimeUnit.SECONDS.toNanos(limits.everySeconds());
  }

  /** Starts checking these documents. */
  public MemoryReturn watch(DocumentDirectory directory) {
    var millis = TimeUnit.SECONDS.toMillis(limits.quietSeconds()) / 3;
    var _ =
        thread.scheduleWithFixedDelay(
            () -> check(directory.opened(), directory.closed(), System.nanoTime()),
            millis,
            millis,
            TimeUnit.MILLISECONDS);
    return this;
  }

  /**
   * Requests a collection if one is due.
   *
   * @param opened documents opened so far
   * @param closed documents that have left memory so far
   */
  void check(long opened, long closed, long nowNanos) {
    if (opened + closed != lastTotal) {
      lastTotal = opened + closed;
      quietSince = nowNanos;
      return;
    }
    if (closed - closedBefore < limits.documentsMin()
        || opened - closed > limits.openMax()
        || nowNanos - quietSince < TimeUnit.SECONDS.toNanos(limits.quietSeconds())
        || nowNanos - collectedAt < TimeUnit.SECONDS.toNanos(limits.everySeconds())) {
      return;
    }
    var freed = closed - closedBefore;
    closedBefore = closed;
    collectedAt = nowNanos;
    collection.run();
    LOG.debug("{} documents have left memory, a full collection has freed their memory", freed);
  }

  @Override
  public void close() {
    thread.shutdownNow();
  }
}
