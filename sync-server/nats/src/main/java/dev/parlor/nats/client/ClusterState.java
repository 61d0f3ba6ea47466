package dev.parlor.nats.client;

import dev.parlor.relay.health.Health.Condition;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * Whether the cluster stores what this node writes, from the answers to all writes. A {@link
 * LogProbe} writes when nobody else does. Without a probe the cluster never counts as away. Safe
 * from any thread.
 */
public final class ClusterState {

  /**
   * Time for which no write of this node is answered; then: the cluster is away, the node is not
   * ready, reads and new writes fail at once, and the probe is tried until it is answered. The
   * election of a leader takes about 6 s and is no reason.
   */
  public static final int AWAY_MILLIS = 10_000;

  private final LongSupplier nanoTime;
  private final Object lock = new Object();
  private volatile boolean probed;

  /** Guarded by the lock: the start of the oldest unanswered write, if the last one failed. */
  private boolean isUnanswered;

  private long unansweredSince;
  private volatile long answeredAt;
  private volatile @Nullable String refusal;

  ClusterState(LongSupplier nanoTime) {
    this.nanoTime = nanoTime;
    this.answeredAt = nanoTime.getAsLong();
  }

  /** From now on a probe writes often enough to tell that the cluster is back. */
  public void probed() {
    probed = true;
  }

  long now() {
    return nanoTime.getAsLong();
  }

  /** The cluster stored a write. */
  void stored() {
    answered();
    refusal = null;
  }

  /** The cluster refused a write, for example because its disk is full. */
  void refused(String reason) {
    answered();
    refusal = reason;
  }

  private void answered() {
    answeredAt = nanoTime.getAsLong();
    synchronized (lock) {
      isUnanswered = false;
    }
  }

  /** A write that began at this time was not answered. */
  void unanswered(long startedAt) {
    synchronized (lock) {
      if (!isUnanswered && startedAt - answeredAt >= 0) {
        isUnanswered = true;
        unansweredSince = startedAt;
      }
    }
  }

  /** Time since the last answer. */
  public long nanosSinceAnswer() {
    return nanoTime.getAsLong() - answeredAt;
  }

  /** Milliseconds since the first write without an answer; 0 if the cluster is not away. */
  public long awayMillis() {
    synchronized (lock) {
      if (!probed || !isUnanswered) {
        return 0;
      }
      var millis = TimeUnit.NANOSECONDS.toMillis(nanoTime.getAsLong() - unansweredSince);
      return millis >= AWAY_MILLIS ? millis : 0;
    }
  }

  /** Whether the cluster is away, see {@link #AWAY_MILLIS}. */
  public boolean isAway() {
    return awayMillis() > 0;
  }

  /** The condition for {@code /health/ready}. */
  public Condition condition() {
    var away = awayMillis();
    if (away > 0) {
      return Condition.failing(
          "the cluster has not answered for "
              + away / 1_000
              + " s; changes stay in memory and are saved when it is back");
    }
    var reason = refusal;
    return reason == null
        ? Condition.ok("the cluster stores changes")
        : Condition.failing("changes cannot be saved: " + reason);
  }
}
