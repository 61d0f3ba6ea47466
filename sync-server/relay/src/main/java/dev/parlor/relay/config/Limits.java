package dev.parlor.relay.config;

/**
 * The relay's limits in one place, by area. Each name carries the unit, and each comment says what
 * happens at the limit. {@link FixedLimits} has the limits that are equal everywhere, in tests too.
 *
 * <p>Tests change one area: {@code Limits.defaults().with(new Limits.Outbox(4, 1_000))}.
 */
public record Limits(
    Handshake handshake,
    Frames frames,
    Outbox outbox,
    Liveness liveness,
    Traffic traffic,
    Work work,
    Documents documents,
    Memory memory,
    Agreement agreement,
    Pending pending,
    Changes changes,
    Ephemeral ephemeral,
    Storage storage,
    Nodes nodes,
    Shutdown shutdown) {

  /** A group of limits that belong together. */
  public sealed interface Area {}

  private static final int KIB = 1024;
  private static final int MIB = 1024 * KIB;

  /**
   * Limits of a connection before it has joined [HS1]. Its first message must be the join, so the
   * server accepts one message and no document. The rule's 1,000 messages and 100 documents are
   * above that.
   *
   * @param bytesMax received before the join; above: close 1008
   * @param messagesMax messages before the join, as in the rule; the server accepts one
   * @param documentsMax documents named before the join, as in the rule; the server accepts none
   * @param joinSecondsMax time from the upgrade to the join; then: close 1008
   */
  public record Handshake(int bytesMax, int messagesMax, int documentsMax, int joinSecondsMax)
      implements Area {}

  /**
   * WebSocket frames after the join.
   *
   * @param bytesMax of one message, fragments joined; above: close 1009. It also bounds the changes
   *     in a sync message
   * @param documentsPerConnectionMax documents open on one connection; above: {@code
   *     doc-unavailable}
   * @param connectionsMax open at once in the process; above: the upgrade gets 503
   */
  public record Frames(int bytesMax, int documentsPerConnectionMax, int connectionsMax)
      implements Area {}

  /**
   * Frames that wait for one socket.
   *
   * @param framesMax frames waiting; above: the session is closed with 1013. No frame is dropped
   *     from the middle
   * @param bytesMax bytes waiting; above: as for {@code framesMax}. An empty outbox accepts a
   *     single larger frame
   */
  public record Outbox(int framesMax, int bytesMax) implements Area {}

  /**
   * Detection of sockets whose peer is gone [WS4].
   *
   * @param pingMillis between two pings
   * @param silentPingsMax consecutive pings without any frame from the peer, not even a pong; then:
   *     close 1001. It is more than one, since a client that reads or writes a long history is busy
   *     for seconds
   */
  public record Liveness(int pingMillis, int silentPingsMax) implements Area {

    /** With the usual number of pings. */
    public Liveness(int pingMillis) {
      this(pingMillis, 3);
    }
  }

  /**
   * Rates of one connection, and connections of one address.
   *
   * @param messagesPerSecondMax of one connection, sustained and in one burst; above: its socket is
   *     not read until the rate allows it; nothing is lost
   * @param bytesPerSecondMax as for {@code messagesPerSecondMax}; a single message may be larger
   * @param connectionsPerAddressMax open at once from one address; above: the upgrade gets 429
   */
  public record Traffic(
      int messagesPerSecondMax, int bytesPerSecondMax, int connectionsPerAddressMax)
      implements Area {}

  /**
   * Work that a shared thread does itself. Larger work runs on another thread, and the server does
   * not read that connection's socket until it is done.
   *
   * @param decodedBytesMax size of a sync message that the socket thread decodes; above: another
   *     thread decodes it
   * @param inflatedBytesMax deflated bytes in a sync message that the socket thread inflates, to up
   *     to a thousand times the size; above: another thread inflates them
   * @param decodersMax messages decoded on other threads at once in the process; above: they wait
   * @param visitBytesMax cost of the messages that a socket thread or the commit thread processes
   *     for a document in one step, counted in bytes and operations; above: another thread
   *     processes them
   * @param portionBytesMax cost of one message that a document processes at once, counted in the
   *     same way; above: the rest follows change by change in further portions, and other messages
   *     run in between
   * @param bytesPerOperation bytes that an operation counts as, for {@code visitBytesMax} and for a
   *     connection's bytes per second. It is about the number of bytes that take the same time
   */
  public record Work(
      int decodedBytesMax,
      int inflatedBytesMax,
      int decodersMax,
      int visitBytesMax,
      int portionBytesMax,
      int bytesPerOperation)
      implements Area {}

  /**
   * Documents in memory.
   *
   * @param queueMax commands waiting for one document's worker; above: the sender's socket is not
   *     read (backpressure), and ephemeral messages are dropped and counted
   * @param peersMax peers connected to one document; above: {@code error} and close 1013
   * @param openMax documents in memory; above: {@code doc-unavailable} for another document, until
   *     an idle one is evicted
   * @param idleSeconds time without peers and observers; then: the document leaves memory [DU7]
   * @param holdBackMillisMax wait of a requester for the heads that a supplier advertised [SY8];
   *     then: the answer has the changes that are there
   */
  public record Documents(
      int queueMax, int peersMax, int openMax, int idleSeconds, int holdBackMillisMax)
      implements Area {}

  /**
   * The heap: the full collection that the server requests after documents left memory, and the
   * measures while the heap is nearly full.
   *
   * @param documentsMin documents that left memory since the last requested collection; below: no
   *     collection is requested
   * @param quietSeconds time since a document was last opened or closed; below: the collection
   *     waits
   * @param everySeconds time since the last requested collection; below: the collection waits
   * @param openMax documents still in memory; above: the collection waits. A collection stops all
   *     threads, for longer the more memory is in use
   * @param fullPercent share of the maximum heap in use after a collection; above: the server
   *     refuses peers' changes, documents that are not in memory, and new connections. It closes
   *     connections that hold much memory, and the largest documents
   * @param freePercent share of the maximum heap in use after a collection; below: the measures of
   *     {@code fullPercent} end
   * @param checkSeconds time between two full collections requested because a young collection
   *     found more than {@code fullPercent} in use; below: none is requested, and the runtime's own
   *     collections decide
   * @param heldBytesMax bytes that one connection holds while the heap is full, in partial messages
   *     and in frames that its socket has not taken; above: close 1013
   */
  public record Memory(
      int documentsMin,
      int quietSeconds,
      int everySeconds,
      int openMax,
      int fullPercent,
      int freePercent,
      int checkSeconds,
      int heldBytesMax)
      implements Area {}

  /**
   * Detection of peers that lost a message on a live connection [SY12].
   *
   * @param lookMillis time between two checks. If a peer has not converged and came no closer since
   *     the last check, the server resets sync with it; then again after two, four, ... failed
   *     checks
   */
  public record Agreement(int lookMillis) implements Area {}

  /**
   * Changes that wait for a missing dependency [SY7].
   *
   * @param changesPerPeerMax changes of one peer; above: its session is closed with 4422
   * @param bytesPerPeerMax their bytes; above: as for {@code changesPerPeerMax}
   * @param changesPerDocumentMax changes of one document; above: the newest are refused, and the
   *     sender's session is closed with 1013
   * @param bytesPerDocumentPendingMax their bytes; above: as for {@code changesPerDocumentMax}
   */
  public record Pending(
      int changesPerPeerMax,
      long bytesPerPeerMax,
      int changesPerDocumentMax,
      long bytesPerDocumentPendingMax)
      implements Area {}

  /**
   * Size of changes and documents [AD3]; a change above a limit is refused with close 4422.
   *
   * @param bytesPerChangeMax of one change, inflated; it also caps inflation
   * @param bytesPerDocumentMax of all changes of a document together
   * @param changesPerDocumentMax of a document
   * @param operationsPerChangeMax operations of one change, and of the values that it overwrites
   * @param operationsPerDocumentMax operations of a document; the change that exceeds it is the
   *     last one accepted
   * @param stringBytesMax UTF-8 bytes of one scalar string
   */
  public record Changes(
      int bytesPerChangeMax,
      long bytesPerDocumentMax,
      int changesPerDocumentMax,
      int operationsPerChangeMax,
      long operationsPerDocumentMax,
      int stringBytesMax)
      implements Area {}

  /**
   * Ephemeral messages of one connection [EP4].
   *
   * @param dataBytesMax of one message; above: dropped and counted
   * @param perSecondMax sustained and in one burst; above: dropped and counted
   * @param sessionsPerConnectionMax sessions kept for duplicate detection [EP2]; above: the oldest
   *     is forgotten
   * @param crowdPeers peers of a document; from this many on, its ephemeral messages are collected
   *     for {@code gatherMillis}, so that several messages to one socket are one write
   * @param gatherMillis delay of an ephemeral message when {@code crowdPeers} are connected;
   *     changes are not delayed
   */
  public record Ephemeral(
      int dataBytesMax,
      int perSecondMax,
      int sessionsPerConnectionMax,
      int crowdPeers,
      int gatherMillis)
      implements Area {}

  /**
   * The commit thread's queue and compaction; per shard, if there are several.
   *
   * @param groupRecordsMax records in one group commit; above: the rest goes into the next
   * @param groupBytesMax bytes in one group commit; above: as for {@code groupRecordsMax}
   * @param queueBytesMax bytes waiting for a commit; above: an append fails at once with an
   *     IOException
   * @param compactAfterChanges log records of a document; above: it gets a new snapshot
   * @param compactOperationsMax operations of a document; above: it gets no snapshot, and a join
   *     sends it change by change. Native code would need some 330 bytes of memory for each
   *     operation
   * @param logRecordsMax appends in one entry of the change log; above: the group is written to the
   *     trees
   * @param logBytesMax of the change log's file; above: as for {@code logRecordsMax}
   * @param absorbChangesMax changes that only the change log holds; above: the trees absorb them
   * @param absorbBytesMax their bytes; above: as for {@code absorbChangesMax}
   * @param absorbDocumentsMax documents that they belong to; above: as for {@code absorbChangesMax}
   * @param absorbIdleMillis time without a write; then: as for {@code absorbChangesMax}
   */
  public record Storage(
      int groupRecordsMax,
      int groupBytesMax,
      long queueBytesMax,
      int compactAfterChanges,
      long compactOperationsMax,
      int logRecordsMax,
      int logBytesMax,
      int absorbChangesMax,
      int absorbBytesMax,
      int absorbDocumentsMax,
      int absorbIdleMillis)
      implements Area {

    /**
     * The limits of one of {@code shards} shards. The queues of all shards share the limit, but
     * each queue can hold one whole group.
     */
    public Storage ofShard(int shards) {
      return new Storage(
          groupRecordsMax,
          groupBytesMax,
          Math.max(queueBytesMax / shards, groupBytesMax),
          compactAfterChanges,
          compactOperationsMax,
          logRecordsMax,
          logBytesMax,
          absorbChangesMax,
          absorbBytesMax,
          absorbDocumentsMax,
          absorbIdleMillis);
    }
  }

  /**
   * Several nodes that serve the same documents. A server without other nodes ignores these.
   *
   * @param messageBytesMax of changes in one message between nodes; above: the message is split
   * @param askMillis delay until missing changes of other nodes are requested again; it doubles
   *     each time that no change arrives
   * @param announceMillis time between two announcements of a document's heads. A lost message that
   *     no other message reveals can stay unnoticed for this long
   */
  public record Nodes(int messageBytesMax, int askMillis, int announceMillis) implements Area {}

  /**
   * Stopping [DU6].
   *
   * @param millisMax time from the signal to the exit; then: the process exits with the rest
   *     undone. Acknowledged changes are on disk in any case
   */
  public record Shutdown(int millisMax) implements Area {}

  public static Limits defaults() {
    return new Limits(
        new Handshake(5 * MIB, 1_000, 100, 10),
        new Frames(32 * MIB, 1_000, 10_000),
        new Outbox(4_096, 32 * MIB),
        new Liveness(5_000),
        new Traffic(4_000, 32 * MIB, 5_000),
        new Work(16 * KIB, 512, 4, 64 * KIB, 256 * KIB, 16),
        new Documents(1_024, 1_000, 50_000, 300, 5_000),
        new Memory(100, 15, 120, 1_000, 85, 75, 10, 64 * KIB),
        new Agreement(8_000),
        new Pending(20_000, 16L * MIB, 50_000, 64L * MIB),
        new Changes(8 * MIB, 512L * MIB, 5_000_000, 1_000_000, 50_000_000L, MIB),
        new Ephemeral(8 * KIB, 60, 64, 64, 10),
        new Storage(
            4_096,
            16 * MIB,
            256L * MIB,
            5_000,
            1_000_000,
            512,
            16 * MIB,
            8_192,
            2 * MIB,
            256,
            1_000),
        new Nodes(MIB, 250, 10_000),
        new Shutdown(10_000));
  }

  /** A copy with another value for one area. */
  public Limits with(Area value) {
    return new Limits(
        value instanceof Handshake area ? area : handshake,
        value instanceof Frames area ? area : frames,
        value instanceof Outbox area ? area : outbox,
        value instanceof Liveness area ? area : liveness,
        value instanceof Traffic area ? area : traffic,
        value instanceof Work area ? area : work,
        value instanceof Documents area ? area : documents,
        value instanceof Memory area ? area : memory,
        value instanceof Agreement area ? area : agreement,
        value instanceof Pending area ? area : pending,
        value instanceof Changes area ? area : changes,
        value instanceof Ephemeral area ? area : ephemeral,
        value instanceof Storage area ? area : storage,
        value instanceof Nodes area ? area : nodes,
        value instanceof Shutdown area ? area : shutdown);
  }

  /** Applies the setting {@code PARLOR_IDLE_SECONDS}. */
  public Limits withIdleSeconds(int idleSeconds) {
    return with(
        new Documents(
            documents.queueMax,
            documents.peersMax,
            documents.openMax,
            idleSeconds,
            documents.holdBackMillisMax));
  }

  /** Applies the setting {@code PARLOR_ROOM_PEERS}. */
  public Limits withRoomPeers(int peersMax) {
    return with(
        new Documents(
            documents.queueMax,
            peersMax,
            documents.openMax,
            documents.idleSeconds,
            documents.holdBackMillisMax));
  }
}
