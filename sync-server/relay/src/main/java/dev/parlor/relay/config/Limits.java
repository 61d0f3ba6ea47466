package dev.parlor.relay.config;

/**
 * The relay's limits in one place, by area. Each name carries the unit, and each comment says what
 * happens at the limit. {@link FixedLimits} has the limits that are the same everywhere, in tests
 * too.
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
    StallDetection stallDetection,
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
   * A connection before it has joined. Its first message must be the join [HS1].
   *
   * @param bytesMax bytes of the first message; above: close 1009
   * @param joinSecondsMax time from the upgrade to the join; then: close 1008
   */
  public record Handshake(int bytesMax, int joinSecondsMax) implements Area {}

  /**
   * WebSocket frames after the join.
   *
   * @param bytesMax bytes of one message, which may consist of several fragments; above: close
   *     1009. It also bounds the changes in a sync message
   * @param documentsPerConnectionMax documents open on one connection; above: {@code
   *     doc-unavailable}
   * @param connectionsMax connections open at once in the process; above: the upgrade gets 503
   */
  public record Frames(int bytesMax, int documentsPerConnectionMax, int connectionsMax)
      implements Area {}

  /**
   * Frames that wait for one socket.
   *
   * @param framesMax frames waiting; above: the session is closed with 1013, since a sync stream
   *     with a gap is worse than a reconnect
   * @param bytesMax bytes waiting; above: as for {@code framesMax}. An empty outbox accepts a
   *     single larger frame
   */
  public record Outbox(int framesMax, int bytesMax) implements Area {}

  /**
   * Detection of sockets whose client no longer answers [WS4].
   *
   * @param pingMillis time between two pings
   * @param silentPingsMax consecutive pings after which the peer sent no frame, not even a pong;
   *     then: close 1001. One ping would not be enough, since a client that reads or writes a long
   *     history is busy for seconds
   */
  public record Liveness(int pingMillis, int silentPingsMax) implements Area {

    /** Closes after three silent pings, the default. */
    public Liveness(int pingMillis) {
      this(pingMillis, 3);
    }
  }

  /**
   * Rates of one connection, and connections of one address.
   *
   * @param messagesPerSecondMax messages of one connection in a second, sustained and in one burst;
   *     above: its socket is not read until the rate allows it, so nothing is lost
   * @param bytesPerSecondMax bytes of one connection in a second; above: as for {@code
   *     messagesPerSecondMax}. A single message may be larger
   * @param connectionsPerAddressMax connections open at once from one address; above: the upgrade
   *     gets 429
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
   * @param deflatedBytesMax compressed bytes in a sync message that the socket thread inflates;
   *     above: another thread inflates them. The result can be a thousand times as large
   * @param decodersMax messages decoded on other threads at once in the process; above: they wait
   * @param shortStepBytesMax cost of the messages that wait for a document, in bytes and
   *     operations. Up to this cost, the step runs on the socket thread or the commit thread;
   *     above: it runs on a thread of its own
   * @param portionBytesMax cost of the part of a message that a document processes at once, in
   *     bytes and operations; above: the other changes follow in further portions, and messages of
   *     other peers are processed in between
   * @param bytesPerOperation bytes that an operation counts as, for the two costs above and for a
   *     connection's bytes per second. Processing that many bytes takes about as long as one
   *     operation
   */
  public record Work(
      int decodedBytesMax,
      int deflatedBytesMax,
      int decodersMax,
      int shortStepBytesMax,
      int portionBytesMax,
      int bytesPerOperation)
      implements Area {}

  /**
   * Documents in memory.
   *
   * @param queueMax commands waiting for one document's worker; above: the sender's socket is not
   *     read (backpressure), and ephemeral messages are dropped and counted
   * @param peersMax peers connected to one document; above: {@code error}, then close 1013 if the
   *     connection may open only this document, otherwise {@code doc-unavailable}
   * @param openMax documents in memory; above: {@code doc-unavailable} for another document, until
   *     an idle one is evicted
   * @param idleSeconds time without peers and observers; then: the document leaves memory [DU7]
   * @param holdBackMillisMax time that a request for a document without content waits for changes
   *     that another peer has announced [SY8]; then: {@code doc-unavailable}
   */
  public record Documents(
      int queueMax, int peersMax, int openMax, int idleSeconds, int holdBackMillisMax)
      implements Area {}

  /**
   * The heap. The first four limits decide when the server requests a full garbage collection after
   * documents have left memory. The other limits apply to a heap that is nearly full.
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
   * @param checkSeconds least time between two requested full collections. The server requests one
   *     if a young collection finds more than {@code fullPercent} in use; below: it waits for a
   *     full collection of the runtime itself
   * @param heldBytesMax bytes that one connection may hold while the heap is full, in partial
   *     messages and in frames that its socket has not accepted; above: close 1013
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
   * @param checkMillis time between two checks. If a peer has not converged and came no closer
   *     since the last check, the server resets sync with it; then again after two, four, ...
   *     failed checks
   */
  public record StallDetection(int checkMillis) implements Area {}

  /**
   * Changes that wait for a missing dependency [SY7]. A change above any of these limits is
   * refused. That closes a connection by ticket with 1013; other connections stay open.
   *
   * @param changesPerPeerMax waiting changes of one peer
   * @param bytesPerPeerMax their bytes
   * @param changesPerDocumentMax waiting changes of one document
   * @param bytesPerDocumentMax their bytes
   */
  public record Pending(
      int changesPerPeerMax,
      long bytesPerPeerMax,
      int changesPerDocumentMax,
      long bytesPerDocumentMax)
      implements Area {}

  /**
   * Size of changes and documents [AD3]. A change above any of these limits is refused. That closes
   * a connection by ticket with 4422; other connections stay open.
   *
   * @param bytesPerChangeMax bytes of one change, inflated; it also caps inflation
   * @param bytesPerDocumentMax bytes of all changes of a document together
   * @param changesPerDocumentMax changes of a document
   * @param operationsPerChangeMax operations of one change, plus the values that it overwrites
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
   * @param dataBytesMax bytes of one message; above: dropped and counted
   * @param perSecondMax messages in a second, sustained and in one burst; above: dropped and
   *     counted
   * @param sessionsPerConnectionMax sessions kept for duplicate detection [EP2]; above: the oldest
   *     is forgotten
   * @param crowdPeers peers of a document; from this many on, its ephemeral messages are collected
   *     for {@code gatherMillis}, so that several messages to one socket are one write
   * @param gatherMillis delay of an ephemeral message in a document with {@code crowdPeers} or
   *     more; changes are not delayed
   */
  public record Ephemeral(
      int dataBytesMax,
      int perSecondMax,
      int sessionsPerConnectionMax,
      int crowdPeers,
      int gatherMillis)
      implements Area {}

  /**
   * The commit thread's queue, compaction, and the change log. A change is durable as soon as it is
   * in the change log; the database's trees absorb it later. The limits hold for each shard.
   *
   * @param groupRecordsMax records in one group commit; above: further records go into the next
   *     group
   * @param groupBytesMax bytes in one group commit; above: as for {@code groupRecordsMax}
   * @param queueBytesMax bytes waiting for a commit; above: an append fails at once with an
   *     IOException
   * @param compactAfterChanges changes of a document since its last snapshot; from this many on: it
   *     gets a new snapshot
   * @param compactOperationsMax operations of a document; above: it gets no snapshot, and a join
   *     sends it change by change. The same holds if building the snapshot, with 120 bytes for each
   *     operation, would take more than half of the heap
   * @param logRecordsMax appends in one entry of the change log; above: the group is written to the
   *     trees
   * @param logBytesMax bytes of the change log's file; above: as for {@code logRecordsMax}
   * @param absorbChangesMax changes that only the change log holds; above: the trees absorb them
   * @param absorbBytesMax their bytes; above: as for {@code absorbChangesMax}
   * @param absorbDocumentsMax their documents; above: as for {@code absorbChangesMax}
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
   * Several nodes that serve the same documents. A server without other nodes ignores these limits.
   *
   * @param messageBytesMax bytes of the changes in one message between nodes; above: the message is
   *     split
   * @param requestRetryMillis delay until missing changes are requested from other nodes again; it
   *     doubles after each request that brings no change
   * @param announceMillis time between two announcements of a document's heads. A lost message that
   *     no other message reveals can stay unnoticed for this long
   * @param leaseMillis time without a heartbeat after which a node counts as gone; then: another
   *     node takes over its runs
   */
  public record Nodes(
      int messageBytesMax, int requestRetryMillis, int announceMillis, int leaseMillis)
      implements Area {}

  /**
   * The shutdown [DU6].
   *
   * @param millisMax time from the signal to the exit; then: the process exits without finishing
   *     the shutdown. Acknowledged changes are on disk in any case
   * @param drainMillisMax in a cluster, time before that in which running answers may end; then:
   *     they end as interrupted. On one machine there is no such time
   */
  public record Shutdown(int millisMax, int drainMillisMax) implements Area {}

  public static Limits defaults() {
    return new Limits(
        new Handshake(5 * MIB, 10),
        new Frames(32 * MIB, 1_000, 10_000),
        new Outbox(4_096, 32 * MIB),
        new Liveness(5_000),
        new Traffic(4_000, 32 * MIB, 5_000),
        new Work(16 * KIB, 512, 4, 64 * KIB, 256 * KIB, 16),
        new Documents(1_024, 1_000, 50_000, 300, 5_000),
        new Memory(100, 15, 120, 1_000, 85, 75, 10, 64 * KIB),
        new StallDetection(8_000),
        new Pending(20_000, 16L * MIB, 50_000, 64L * MIB),
        new Changes(20 * MIB, 512L * MIB, 5_000_000, 4_000_000, 50_000_000L, 4 * MIB),
        new Ephemeral(8 * KIB, 60, 64, 64, 10),
        new Storage(
            4_096,
            16 * MIB,
            256L * MIB,
            5_000,
            50_000_000,
            512,
            16 * MIB,
            8_192,
            2 * MIB,
            256,
            1_000),
        new Nodes(MIB, 250, 10_000, 10_000),
        new Shutdown(10_000, 60_000));
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
        value instanceof StallDetection area ? area : stallDetection,
        value instanceof Pending area ? area : pending,
        value instanceof Changes area ? area : changes,
        value instanceof Ephemeral area ? area : ephemeral,
        value instanceof Storage area ? area : storage,
        value instanceof Nodes area ? area : nodes,
        value instanceof Shutdown area ? area : shutdown);
  }

  /** A copy with the setting {@code PARLOR_IDLE_SECONDS}. */
  public Limits withIdleSeconds(int idleSeconds) {
    return with(
        new Documents(
            documents.queueMax,
            documents.peersMax,
            documents.openMax,
            idleSeconds,
            documents.holdBackMillisMax));
  }

  /** A copy with the setting {@code PARLOR_ROOM_PEERS}. */
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
