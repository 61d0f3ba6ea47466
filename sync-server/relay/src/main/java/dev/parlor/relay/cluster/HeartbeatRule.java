package dev.parlor.relay.cluster;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.LongSupplier;

/**
 * Decides from heartbeats which nodes are alive, as {@link LiveNodes} says. Each node publishes a
 * growing number. The caller publishes, receives and reads the heartbeats. Safe from any thread.
 */
public final class HeartbeatRule {

  /** The number in the last heartbeat of a node that has left. */
  public static final long LEFT = Long.MAX_VALUE;

  /** Lease times for which a node that is gone is remembered; then: it counts as unknown. */
  private static final int GONE_KEPT_LEASES = 360;

  /** Another node, by its heartbeats. */
  private static final class Other {
    private long count;
    private long heardAt;
    private boolean gone;

    private Other(long heardAt) {
      this.heardAt = heardAt;
    }
  }

  private final String self;
  private final int leaseMillis;
  private final LongSupplier clock;
  private final Map<String, Other> others = new HashMap<>();

  /** The start of the last heartbeat of this node that the cluster acknowledged. */
  private long aliveFrom;

  private long period;

  /** The start of the present period. */
  private long periodFrom;

  private boolean left;

  /**
   * The rule for one node, which is alive from its first acknowledged heartbeat on.
   *
   * @param leaseMillis see {@link dev.parlor.relay.config.Limits.Nodes#leaseMillis}
   * @param clock milliseconds since any moment; never goes back
   */
  public HeartbeatRule(String self, int leaseMillis, LongSupplier clock) {
    this.self = self;
    this.leaseMillis = leaseMillis;
    this.clock = clock;
    aliveFrom = clock.getAsLong() - leaseMillis;
  }

  // This node.

  /**
   * The cluster acknowledged a heartbeat of this node.
   *
   * @param startedAt when the node began to publish it
   */
  public synchronized void acknowledged(long startedAt) {
    var now = clock.getAsLong();
    if (now - aliveFrom >= leaseMillis) {
      period++;
      periodFrom = now;
    }
    aliveFrom = Math.max(aliveFrom, startedAt);
  }

  /** This node leaves and is not alive from now on. */
  public synchronized void leave() {
    left = true;
  }

  /** Whether the cluster acknowledged a heartbeat of this node within the last lease time. */
  public synchronized boolean isSelfAlive() {
    return !left && clock.getAsLong() - aliveFrom < leaseMillis;
  }

  /** See {@link LiveNodes#period}. */
  public synchronized long period() {
    return period;
  }

  // The other nodes.

  /**
   * A heartbeat of a node was received or read. An older one than the last changes nothing.
   *
   * @return whether the node was present and has left with this heartbeat
   */
  public synchronized boolean heard(String node, long number) {
    if (node.equals(self)) {
      return false;
    }
    var other = other(node);
    if (number <= other.count) {
      return false;
    }
    var hasLeft = number == LEFT && !other.gone;
    other.count = number;
    other.heardAt = clock.getAsLong();
    other.gone = number == LEFT;
    return hasLeft;
  }

  /**
   * The nodes that were silent for one lease time and are not gone yet; none while this node is not
   * alive. A message may have been lost on the way here, so the caller reads their last heartbeats
   * from the cluster before it calls {@link #judge}.
   */
  public synchronized List<String> silent() {
    if (!isSelfAlive()) {
      return List.of();
    }
    var now = clock.getAsLong();
    others
        .values()
        .removeIf(
            other -> other.gone && now - other.heardAt > (long) GONE_KEPT_LEASES * leaseMillis);
    var silent = new ArrayList<String>();
    others.forEach(
        (node, other) -> {
          if (!other.gone && isSilent(other)) {
            silent.add(node);
          }
        });
    return silent;
  }

  /**
   * Counts a node as gone if it is still silent.
   *
   * @return whether the node is gone from now on
   */
  public synchronized boolean judge(String node) {
    var other = others.get(node);
    if (other == null || other.gone || !isSilent(other)) {
      return false;
    }
    other.gone = true;
    return true;
  }

  /** The time in which this node was itself not alive is no silence of the others. */
  private boolean isSilent(Other other) {
    return clock.getAsLong() - Math.max(other.heardAt, periodFrom) >= leaseMillis;
  }

  /** See {@link LiveNodes#isGone}. */
  public synchronized boolean isGone(String node) {
    return !node.equals(self) && other(node).gone;
  }

  private Other other(String node) {
    return others.computeIfAbsent(node, _ -> new Other(clock.getAsLong()));
  }

  /** See {@link LiveNodes#present}. */
  public synchronized Set<String> present() {
    var present = new TreeSet<String>();
    present.add(self);
    others.forEach(
        (node, other) -> {
          if (!other.gone && other.count > 0) {
            present.add(node);
          }
        });
    return present;
  }
}
