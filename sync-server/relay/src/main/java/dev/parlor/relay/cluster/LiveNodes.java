package dev.parlor.relay.cluster;

import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;

/**
 * The nodes of a cluster by their heartbeats. Each run of a server's process is a node with a name
 * of its own.
 *
 * <p>No clock is compared with the clock of another node. Another node counts as gone when this
 * node has seen no new heartbeat of it for one lease time, by this node's clock. This node counts
 * as alive until one lease time after the start of its last heartbeat that the cluster
 * acknowledged. So a node that is cut off stops before the other nodes count it as gone, if all
 * clocks run at about the same rate. Safe from any thread.
 */
public interface LiveNodes {

  /** The name of this run of this process: letters, digits and {@code -}, at most 64. */
  String self();

  /**
   * Whether this node may act for what it holds: the cluster acknowledged a heartbeat of it within
   * the last lease time.
   */
  boolean isSelfAlive();

  /**
   * The number of the present period without a gap. It grows when this node is alive again after a
   * lease time without a heartbeat: meanwhile the other nodes may have taken what this node held.
   */
  long period();

  /**
   * Whether a node is gone: it left, it is unknown, or it has been silent for one lease time. A
   * node that was never heard of counts as silent from the first call that names it.
   */
  boolean isGone(String node);

  /**
   * Reads the last heartbeat of a node that counts as gone: it may be back, and its messages may
   * not have arrived here. A node that takes over what the other one holds asks before.
   *
   * @return whether the node is still gone; false if its heartbeat cannot be read
   */
  CompletableFuture<Boolean> confirmGone(String node);

  /** The nodes that are not gone, this one included. */
  Set<String> present();

  /**
   * Calls back with the name of each node that was present and is gone, on a thread of the cluster.
   * The listener must only enqueue.
   */
  void onGone(Consumer<String> listener);
}
