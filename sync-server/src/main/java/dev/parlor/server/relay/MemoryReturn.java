package dev.parlor.server.relay;

import dev.parlor.server.config.Limits;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Asks for a full collection when many rooms have left memory and it has become quiet. Nothing else
 * would ask for one then: a collector collects when memory is wanted, so that a server that nobody
 * uses would keep what it once needed. Looks every few seconds on a thread of its own.
 */
public final class MemoryReturn implements AutoCloseable {

  private static final Logger LOG = LoggerFactory.getLogger(MemoryReturn.class);

  private final Limits.Memory limits;
  private final Runnable collection;
  private final ScheduledExecutorService thread =
      Executors.newSingleThreadScheduledExecutor(
          Thread.ofPlatform().daemon().name("memory").factory());

  private long seen;
  private long quietSince;
  private long leftBefore;
  private long collectedAt;

  /**
   * Looks at nothing yet.
   *
   * @param collection gives back what nobody holds, in production {@code System::gc}
   * @param nowNanos of a monotonic clock
   */
  public MemoryReturn(Limits.Memory limits, Runnable collection, long nowNanos) {
    this.limits = limits;
    this.collection = collection;
    this.quietSince = nowNanos;
    this.collectedAt = nowNanos - TimeUnit.SECONDS.toNanos(limits.everySeconds());
  }

  /** Looks at these rooms from now on. */
  public MemoryReturn watch(DocumentDirectory rooms) {
    var millis = TimeUnit.SECONDS.toMillis(limits.quietSeconds()) / 3;
    var _ =
        thread.scheduleWithFixedDelay(
            () -> look(rooms.opened(), rooms.left(), System.nanoTime()),
            millis,
            millis,
            TimeUnit.MILLISECONDS);
    return this;
  }

  /**
   * Collects if it is time to.
   *
   * @param opened rooms so far
   * @param left of them, so far
   */
  void look(long opened, long left, long nowNanos) {
    if (opened + left != seen) {
      seen = opened + left;
      quietSince = nowNanos;
      return;
    }
    if (left - leftBefore < limits.roomsMin()
        || opened - left > limits.openMax()
        || nowNanos - quietSince < TimeUnit.SECONDS.toNanos(limits.quietSeconds())
        || nowNanos - collectedAt < TimeUnit.SECONDS.toNanos(limits.everySeconds())) {
      return;
    }
    var rooms = left - leftBefore;
    leftBefore = left;
    collectedAt = nowNanos;
    collection.run();
    LOG.debug("{} rooms have left memory, what they had is given back", rooms);
  }

  @Override
  public void close() {
    thread.shutdownNow();
  }
}
