package dev.parlor.nats.client;

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
 *     oldest such frame is lost. Also bytes of the bus that wait for this node, and bytes that wait
 *     for the network; above: messages are lost. In all cases documents announce their heads again
 * @param reconnectMillis pause between two attempts to reach the cluster again
 * @param upkeep the limits of the work that a node repeats
 */
public record ClusterLimits(
    int requestMillis,
    int appendMillis,
    int partBytesMax,
    int groupBytesMax,
    int busQueueMessagesMax,
    long incompleteBytesMax,
    int reconnectMillis,
    Upkeep upkeep) {

  private static final int KIB = 1024;
  private static final int MIB = 1024 * KIB;

  /**
   * The limits of the work that a node repeats. Each pause is up to a quarter longer, so that nodes
   * do not work at the same time.
   *
   * @param followMillis pause between two looks for records of other nodes that no server has
   *     delivered; then: they are read
   * @param shortenMillis pause between two looks at the lengths of the logs
   * @param logBytesMax bytes of the log of one shard; above: its oldest entries move into objects
   *     until half of that is left
   * @param sweepMillis pause between two looks for objects to which no pointer refers
   * @param objectMillis age from which such an object is deleted; a writer has that much time to
   *     make a pointer refer to it
   */
  public record Upkeep(
      int followMillis, int shortenMillis, long logBytesMax, int sweepMillis, int objectMillis) {

    /** The limits of a server. */
    public static final Upkeep DEFAULT =
        new Upkeep(5_000, 60_000, 256L * MIB, 3_600_000, 3_600_000);
  }

  /** With the upkeep of a server. */
  public ClusterLimits(
      int requestMillis,
      int appendMillis,
      int partBytesMax,
      int groupBytesMax,
      int busQueueMessagesMax,
      long incompleteBytesMax,
      int reconnectMillis) {
    this(
        requestMillis,
        appendMillis,
        partBytesMax,
        groupBytesMax,
        busQueueMessagesMax,
        incompleteBytesMax,
        reconnectMillis,
        Upkeep.DEFAULT);
  }

  /** The same limits with another upkeep. */
  public ClusterLimits with(Upkeep other) {
    return new ClusterLimits(
        requestMillis,
        appendMillis,
        partBytesMax,
        groupBytesMax,
        busQueueMessagesMax,
        incompleteBytesMax,
        reconnectMillis,
        other);
  }

  /** The limits of a server. */
  public static final ClusterLimits DEFAULT =
      new ClusterLimits(2_000, 20_000, 512 * KIB, 16 * MIB, 65_536, 64L * MIB, 250, Upkeep.DEFAULT);
}
