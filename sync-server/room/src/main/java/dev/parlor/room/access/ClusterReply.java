package dev.parlor.room.access;

import dev.parlor.relay.storage.RecordUpdate;
import dev.parlor.relay.storage.StoreUnavailableException;
import dev.parlor.room.limits.FixedServiceLimits;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;

/** Waits for the cluster for a bounded time. */
public final class ClusterReply {
  private ClusterReply() {}

  /**
   * Waits for a reply of the cluster, at most {@value FixedServiceLimits#CLUSTER_WAIT_MILLIS_MAX}
   * ms. Blocks, so it must not be called on an event loop.
   *
   * @throws StoreUnavailableException if there is no reply
   */
  public static <T> T await(CompletableFuture<T> reply) {
    return RecordUpdate.await(
        reply.copy().orTimeout(FixedServiceLimits.CLUSTER_WAIT_MILLIS_MAX, TimeUnit.MILLISECONDS));
  }
}
