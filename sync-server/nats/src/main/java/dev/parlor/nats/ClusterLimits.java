package dev.parlor.nats;

/**
 * The limits of a node in a cluster. {@code docs/cluster.md} lists them.
 *
 * @param requestMillis time until a request to the cluster counts as unanswered; then: reads and
 *     writes are tried again
 * @param appendMillis time until a write without an answer is given up; then: its future fails, and
 *     the caller appends again
 * @param partBytesMax bytes of one stored message; above: an entry is stored in numbered parts
 * @param groupBytesMax bytes of the writes that one entry collects; above: the rest waits for the
 *     next entry
 * @param busQueueMessagesMax messages of the bus that wait for the network; above: messages are
 *     lost, and all documents announce their heads again
 * @param incompleteBytesMax bytes of one document's frames of which parts are missing; above: the
 *     oldest such frame is lost. Also bytes of the bus that wait for this node; above: messages are
 *     lost. In both cases documents announce their heads again
 * @param reconnectMillis pause between two attempts to reach the cluster again
 */
public record ClusterLimits(
    int requestMillis,
    int appendMillis,
    int partBytesMax,
    int groupBytesMax,
    int busQueueMessagesMax,
    long incompleteBytesMax,
    int reconnectMillis) {

  private static final int KIB = 1024;
  private static final int MIB = 1024 * KIB;

  /** The limits of a server. */
  public static final ClusterLimits DEFAULT =
      new ClusterLimits(2_000, 20_000, 512 * KIB, 16 * MIB, 65_536, 64L * MIB, 250);
}
