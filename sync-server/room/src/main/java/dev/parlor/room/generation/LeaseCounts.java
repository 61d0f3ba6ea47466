package dev.parlor.room.generation;

import dev.parlor.relay.health.Metrics;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;

/** Counts the leases of a node, for the metrics. Safe from any thread. */
final class LeaseCounts {

  private final AtomicInteger held = new AtomicInteger();
  private final AtomicLong takeovers = new AtomicLong();

  /** Registers the metrics. */
  void watch(Metrics metrics) {
    metrics.watch(
        "parlor.cluster.leases", "Rooms in which this node answers questions now", held::get);
    metrics.watchCounter(
        "parlor.cluster.takeovers",
        "Rooms that this node took over from a node that was gone",
        takeovers::get);
  }

  /**
   * This node acquired a lease.
   *
   * @param fromOther whether the record still named another node, which is gone
   */
  void acquired(boolean fromOther) {
    held.incrementAndGet();
    if (fromOther) {
      takeovers.incrementAndGet();
    }
  }

  /** This node released or lost a lease. */
  void ended() {
    held.decrementAndGet();
  }

  int held() {
    return held.get();
  }

  long takeovers() {
    return takeovers.get();
  }
}
