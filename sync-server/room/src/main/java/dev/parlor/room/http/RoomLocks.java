package dev.parlor.room.http;

import dev.parlor.crdt.identity.Bytes;
import dev.parlor.relay.cluster.BriefRecords;
import dev.parlor.relay.storage.StoreUnavailableException;
import dev.parlor.room.access.ClusterReply;
import dev.parlor.room.limits.FixedServiceLimits;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Locks that serialize decisions about the people of a room. If two hosts demote each other at the
 * same time, one of them stays a host. Rooms share a fixed number of locks by the hash of their
 * slug. No code waits for a room's document while it holds a lock.
 *
 * <p>In a cluster a brief record locks the room for all nodes. A node that dies leaves the record,
 * which expires after {@link FixedServiceLimits#DECISION_LOCK_SECONDS}.
 */
final class RoomLocks {
  private static final Logger LOG = LoggerFactory.getLogger(RoomLocks.class);
  private static final int LOCK_COUNT = 64;
  private static final int POLL_MILLIS = 50;

  private final ReentrantLock[] locks = new ReentrantLock[LOCK_COUNT];
  private final @Nullable BriefRecords brief;
  private final SharedReplies.Pause pause;

  /**
   * @param brief the records of all nodes; empty on one machine
   */
  RoomLocks(Optional<BriefRecords> brief, SharedReplies.Pause pause) {
    this.brief = brief.orElse(null);
    this.pause = pause;
    for (var i = 0; i < LOCK_COUNT; i++) {
      locks[i] = new ReentrantLock();
    }
  }

  /** A held lock; {@code close} releases it. */
  interface Held extends AutoCloseable {
    @Override
    void close();
  }

  /**
   * Waits for the lock of a room.
   *
   * @throws ProblemException 503 if another node holds it for too long
   * @throws StoreUnavailableException if the cluster does not answer
   */
  Held acquire(String slug) {
    var lock = locks[Math.floorMod(slug.hashCode(), LOCK_COUNT)];
    lock.lock();
    var shared = brief;
    if (shared == null) {
      return lock::unlock;
    }
    var key = "decision/" + slug;
    try {
      acquireForAllNodes(shared, key);
    } catch (RuntimeException | Error e) {
      lock.unlock();
      throw e;
    }
    return () -> {
      try {
        release(shared, key);
      } finally {
        lock.unlock();
      }
    };
  }

  private void acquireForAllNodes(BriefRecords shared, String key) {
    var lifetime = Duration.ofSeconds(FixedServiceLimits.DECISION_LOCK_SECONDS);
    for (var waited = 0;
        !ClusterReply.await(shared.putOnce(key, Bytes.EMPTY, lifetime));
        waited += POLL_MILLIS) {
      if (waited >= FixedServiceLimits.CLUSTER_WAIT_MILLIS_MAX) {
        throw busy();
      }
      try {
        pause.millis(POLL_MILLIS);
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        throw busy();
      }
    }
  }

  private static ProblemException busy() {
    return ProblemDetail.of(
            503, "busy", "another decision about the people of this room is on its way; try again")
        .retryAfter(2)
        .thrown();
  }

  private static void release(BriefRecords shared, String key) {
    try {
      var _ = ClusterReply.await(shared.take(key));
    } catch (StoreUnavailableException e) {
      LOG.debug("the lock of a room expires later", e);
    }
  }
}
