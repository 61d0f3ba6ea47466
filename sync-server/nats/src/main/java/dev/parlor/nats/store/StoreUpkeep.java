package dev.parlor.nats.store;

import dev.parlor.nats.client.ClusterLimits;
import dev.parlor.nats.client.PeriodicTask;
import dev.parlor.relay.health.Metrics;
import java.io.IOException;
import java.util.concurrent.atomic.AtomicLong;
import java.util.random.RandomGenerator;

/**
 * The work that every node repeats on the cluster's streams: it shortens the logs, and deletes
 * objects to which no pointer refers. Several nodes may do it at once; the pauses vary, so that
 * they seldom do.
 */
public final class StoreUpkeep implements AutoCloseable {

  private final NatsChangeStore store;
  private final ClusterLimits.Upkeep limits;
  private final RandomGenerator random;
  private final PeriodicTask shortening;
  private final PeriodicTask sweep;
  private final AtomicLong logBytes = new AtomicLong();
  private final AtomicLong swept = new AtomicLong();
  private int shardToSweep;

  private StoreUpkeep(NatsChangeStore store, ClusterLimits.Upkeep limits, RandomGenerator random) {
    this.store = store;
    this.limits = limits;
    this.random = random;
    this.shardToSweep = random.nextInt(store.shards());
    this.shortening =
        new PeriodicTask(
            "logs", limits.shortenMillis(), () -> jitter(limits.shortenMillis()), this::shorten);
    this.sweep =
        new PeriodicTask(
            "objects", limits.sweepMillis(), () -> jitter(limits.sweepMillis()), this::sweep);
  }

  /** Starts the work. */
  public static StoreUpkeep start(
      NatsChangeStore store, ClusterLimits.Upkeep limits, RandomGenerator random, Metrics metrics) {
    var upkeep = new StoreUpkeep(store, limits, random);
    metrics.watchLong(
        "parlor.cluster.log.bytes",
        "Bytes of the longest log of a shard in the cluster, at the last look",
        upkeep.logBytes::get);
    metrics.watchCounter(
        "parlor.cluster.log.truncations",
        "Times that this node deleted the beginning of a shard's log",
        store::truncations);
    metrics.watchCounter(
        "parlor.cluster.folds",
        "Objects that this node stored: a document compacted, or its log moved into an object",
        store::folds);
    metrics.watchCounter(
        "parlor.cluster.objects.swept",
        "Objects without a pointer that this node deleted",
        upkeep.swept::get);
    upkeep.shortening.start();
    upkeep.sweep.start();
    return upkeep;
  }

  private synchronized long jitter(int pauseMillis) {
    return random.nextLong(pauseMillis / 4 + 1);
  }

  private void shorten() throws IOException {
    logBytes.set(store.truncate(limits.logBytesMax()));
  }

  private void sweep() throws IOException {
    shardToSweep = (shardToSweep + 1) % store.shards();
    swept.addAndGet(store.sweep(shardToSweep, limits.objectMillis()));
  }

  @Override
  public void close() {
    shortening.close();
    sweep.close();
  }
}
