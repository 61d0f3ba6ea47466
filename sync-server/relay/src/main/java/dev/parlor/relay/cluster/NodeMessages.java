package dev.parlor.relay.cluster;

import dev.parlor.crdt.identity.Bytes;

/**
 * Messages from each node to all others, by topic. A message may be lost, for all nodes or for
 * some, and may arrive more than once and in any order; it never reaches the node that sent it. So
 * a message may only make an effect earlier that happens without it too, or an effect that may be
 * missed. Safe from any thread.
 */
public interface NodeMessages {

  /**
   * Sends a message. Never blocks; delivery is not confirmed.
   *
   * @param topic letters and digits
   * @param message at most 64 KiB
   */
  void publish(String topic, Bytes message);

  /** Receives the messages of a topic from now on, on a thread of the cluster. */
  void subscribe(String topic, Listener listener);

  /** Receives the messages of one topic. Methods must only enqueue. */
  interface Listener {
    void received(Bytes message);

    /** Messages may have been lost. */
    default void resumed() {}
  }
}
