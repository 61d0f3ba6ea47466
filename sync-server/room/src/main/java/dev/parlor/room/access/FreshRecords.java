package dev.parlor.room.access;

import dev.parlor.crdt.identity.Bytes;
import dev.parlor.relay.storage.RecordTable;
import dev.parlor.relay.storage.RecordUpdate;
import dev.parlor.relay.storage.StoreUnavailableException;
import dev.parlor.room.limits.FixedServiceLimits;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;

/**
 * Reads of records that another node of the cluster may have written a moment ago. A node follows
 * the writes of the others, so for some milliseconds it can miss a record that a client was already
 * told about. Before such a miss becomes a refusal, the node asks the cluster.
 *
 * <p>Strangers can cause these reads with invented names. The number of reads in a second and at
 * the same time is limited ({@link FixedServiceLimits}); above a limit the node answers from what
 * it knows. On one machine nothing is asked. Blocks; safe from any thread.
 */
public final class FreshRecords {
  private final boolean isShared;
  private final LongSupplier nanoTime;
  private final Semaphore running = new Semaphore(FixedServiceLimits.FRESH_READS_CONCURRENT_MAX);

  /** Reads that may start now; at most those of one second. */
  private double tokens = FixedServiceLimits.FRESH_READS_PER_SECOND_MAX;

  private long filledAt;

  private FreshRecords(boolean isShared, LongSupplier nanoTime) {
    this.isShared = isShared;
    this.nanoTime = nanoTime;
    this.filledAt = nanoTime.getAsLong();
  }

  /** For a store of one node, which knows all records. */
  public static FreshRecords ofOneNode() {
    return new FreshRecords(false, () -> 0);
  }

  /** For a store that several nodes share. */
  public static FreshRecords ofCluster(LongSupplier nanoTime) {
    return new FreshRecords(true, nanoTime);
  }

  /**
   * The value of a record; asks the cluster if this node does not know the record.
   *
   * @throws StoreUnavailableException if the cluster does not answer
   */
  Optional<Bytes> find(RecordTable table, String key) {
    var known = table.get(key);
    return known.isPresent() || !refresh(table, key) ? known : table.get(key);
  }

  /**
   * Asks the cluster for a record, unless too many reads run.
   *
   * @return whether the cluster was asked, so that this node may know another value than before
   * @throws StoreUnavailableException if the cluster does not answer
   */
  boolean refresh(RecordTable table, String key) {
    if (!isShared || !mayRead() || !running.tryAcquire()) {
      return false;
    }
    CompletableFuture<Optional<Bytes>> reading;
    try {
      reading = table.current(key);
    } catch (RuntimeException e) {
      running.release();
      throw e;
    }
    // The read may run longer than its caller waits.
    var _ = reading.whenComplete((_, _) -> running.release());
    var _ =
        RecordUpdate.await(
            reading
                .copy()
                .orTimeout(FixedServiceLimits.CLUSTER_WAIT_MILLIS_MAX, TimeUnit.MILLISECONDS));
    return true;
  }

  private synchronized boolean mayRead() {
    var now = nanoTime.getAsLong();
    var seconds = (now - filledAt) / (double) TimeUnit.SECONDS.toNanos(1);
    filledAt = now;
    tokens =
        Math.min(
            FixedServiceLimits.FRESH_READS_PER_SECOND_MAX,
            tokens + seconds * FixedServiceLimits.FRESH_READS_PER_SECOND_MAX);
    if (tokens < 1) {
      return false;
    }
    tokens--;
    return true;
  }
}
