package dev.parlor.server.config;

/**
 * The server's limits in one place, by area. Each name carries the unit, and each comment says what
 * happens at the limit. {@link FixedLimits} has the limits that are equal everywhere, in tests too.
 * {@code RoomLimits} in crdt-core has the lengths of names and texts inside a room document, since
 * the browser enforces them too.
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
    Rooms rooms,
    Memory memory,
    Agreement agreement,
    Pending pending,
    Changes changes,
    Ephemeral ephemeral,
    Storage storage,
    Archive archive,
    Http http,
    Imports imports,
    Events events,
    Access access,
    Generation generation,
    Model model,
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
  public record Rooms(
      int queueMax, int peersMax, int openMax, int idleSeconds, int holdBackMillisMax)
      implements Area {}

  /**
   * The heap: the full collection that the server requests after documents left memory, and the
   * measures while the heap is nearly full.
   *
   * @param roomsMin documents that left memory since the last requested collection; below: no
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
      int roomsMin,
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
   * @param changesPerRoomMax changes of one document; above: the newest are refused, and the
   *     sender's session is closed with 1013
   * @param bytesPerRoomMax their bytes; above: as for {@code changesPerRoomMax}
   */
  public record Pending(
      int changesPerPeerMax, long bytesPerPeerMax, int changesPerRoomMax, long bytesPerRoomMax)
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
   * Rooms that are moved from the store to the archive.
   *
   * @param idleDays whole days on which a room was not open; then: the next sweep archives it; 0
   *     for never
   * @param sweepRoomsMax rooms archived in one sweep; above: the rest waits for the next sweep
   * @param sweepMinutes between two sweeps
   */
  public record Archive(int idleDays, int sweepRoomsMax, int sweepMinutes) implements Area {}

  /**
   * HTTP requests.
   *
   * @param bodyBytesMax of a request's body; above: 413
   * @param resultWaitSecondsMax of {@code ?wait=}; above: shortened to this
   * @param requestsPerMinuteMax requests of one identity, or of one address if the request has no
   *     identity; above: 429
   * @param idempotencyKeysMax keys kept; above: the oldest is forgotten
   * @param idempotencySeconds lifetime of a key; then: it is forgotten
   */
  public record Http(
      int bodyBytesMax,
      int resultWaitSecondsMax,
      int requestsPerMinuteMax,
      int idempotencyKeysMax,
      int idempotencySeconds)
      implements Area {}

  /**
   * Rooms that are made from files.
   *
   * @param bodyBytesMax of a file; above: 413, before the body is read if the request states its
   *     length. Each character of a card or note becomes an operation of the new document
   * @param atOnceMax concurrent imports in the process; above: 503 with {@code Retry-After}
   */
  public record Imports(int bodyBytesMax, int atOnceMax) implements Area {}

  /**
   * Server-sent events of a room.
   *
   * @param ringMax events kept for resuming; a client with an older id is told to reload
   * @param subscriberQueueMax events waiting for one subscriber; above: its stream is closed, and
   *     it resumes
   * @param subscribersPerRoomMax open streams of one room; above: 503
   * @param heartbeatSeconds time between two comments on an idle stream
   */
  public record Events(
      int ringMax, int subscriberQueueMax, int subscribersPerRoomMax, int heartbeatSeconds)
      implements Area {}

  /**
   * Rooms, identities and tickets.
   *
   * @param ticketSeconds lifetime of a ticket; then: 401
   * @param ticketsMax unused tickets; above: the oldest is dropped
   * @param roomsPerMinuteMax rooms made by one identity or address; above: 429
   * @param identitiesPerMinuteMax identities made from one address; above: 429
   * @param proofs limits of identities with a key pair
   * @param invitations limits of invitations to rooms
   */
  public record Access(
      int ticketSeconds,
      int ticketsMax,
      int roomsPerMinuteMax,
      int identitiesPerMinuteMax,
      Proofs proofs,
      Invitations invitations)
      implements Area {
    /** With the standard proofs and invitations. */
    public Access(
        int ticketSeconds, int ticketsMax, int roomsPerMinuteMax, int identitiesPerMinuteMax) {
      this(
          ticketSeconds,
          ticketsMax,
          roomsPerMinuteMax,
          identitiesPerMinuteMax,
          Proofs.STANDARD,
          Invitations.STANDARD);
    }
  }

  /**
   * Nonces and sessions of identities with a key pair.
   *
   * @param nonceSeconds lifetime of a nonce; then: 401
   * @param noncesUsedMax used nonces that have not expired; above: 503, so that no used nonce is
   *     forgotten
   * @param sessionSeconds lifetime of a session's token; then: 401, and the page proves its
   *     identity again
   */
  public record Proofs(int nonceSeconds, int noncesUsedMax, int sessionSeconds) {
    static final Proofs STANDARD = new Proofs(60, 100_000, 900);
  }

  /**
   * Invitations to a room.
   *
   * @param perRoomMax invitations kept of one room; above: the oldest ended invitation is
   *     forgotten. If none has ended: 409
   * @param usesMax largest number of uses of one invitation; above: 400
   * @param secondsMax longest lifetime of one invitation; above: 400
   * @param secretAnswersPerMinuteMax answers to a room's secret from one address, and six times as
   *     many to the room in total; above: 429
   */
  public record Invitations(
      int perRoomMax, int usesMax, int secondsMax, int secretAnswersPerMinuteMax) {
    static final Invitations STANDARD = new Invitations(200, 500, 366 * 86_400, 10);
  }

  /**
   * Model calls in rooms.
   *
   * @param perMinuteMax runs started by one identity; above: 429, or the result {@code refused} for
   *     a lock in the document
   * @param leaseSeconds lifetime of a grant; then: the run ends as {@code interrupted}
   * @param chunkFlushMillis time after which streamed text is written to the document
   * @param chunkFlushBytes size of streamed text that is written to the document at once
   * @param deltaMillis time for which tokens are collected into one ephemeral message
   * @param answerBytesMax of one answer; above: the call is stopped, and the answer keeps the text
   *     so far
   */
  public record Generation(
      int perMinuteMax,
      int leaseSeconds,
      int chunkFlushMillis,
      int chunkFlushBytes,
      int deltaMillis,
      int answerBytesMax)
      implements Area {}

  /**
   * One call of the model endpoint.
   *
   * @param tokensDefault token limit sent if no card limits the answer; 0 sends none, so the
   *     model's own limit applies. A card's number is sent unchanged
   * @param connectMillisMax time to connect to the endpoint; then: retry, and after the last
   *     attempt status {@code error}
   * @param firstTokenMillisMax time from the request to the first token; then: as for {@code
   *     connectMillisMax}
   * @param tokenGapMillisMax time between two tokens; then: status {@code error}, and the answer
   *     keeps the text so far
   * @param totalMillisMax duration of one call; then: as for {@code tokenGapMillisMax}
   * @param attemptsMax attempts before the first token; then: status {@code error}
   * @param eventBytesMax of one event of the endpoint's stream; above: status {@code error}
   */
  public record Model(
      int tokensDefault,
      int connectMillisMax,
      int firstTokenMillisMax,
      int tokenGapMillisMax,
      int totalMillisMax,
      int attemptsMax,
      int eventBytesMax)
      implements Area {}

  /**
   * Several nodes that serve the same documents. A server without other nodes ignores these.
   *
   * @param messageBytesMax of changes in one message between nodes; above: the message is split
   * @param askMillis delay until missing changes of other nodes are requested again; it doubles
   *     each time that no change arrives
   * @param announceMillis time between two announcements of a document's heads. A lost message that
   *     no other message reveals can stay unnoticed for this long
   * @param leaseMillis time for which a node holds a room's generation without renewing its lease;
   *     then: its run ends, and another node takes over
   */
  public record Nodes(int messageBytesMax, int askMillis, int announceMillis, int leaseMillis)
      implements Area {}

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
        new Rooms(1_024, 1_000, 50_000, 300, 5_000),
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
        new Archive(0, 100, 60),
        new Http(256 * KIB, 60, 600, 10_000, 86_400),
        new Imports(4 * MIB, 2),
        new Events(1_000, 512, 500, 15),
        new Access(30, 10_000, 60, 120),
        new Generation(10, 180, 500, KIB, 30, 256 * KIB),
        new Model(0, 10_000, 30_000, 30_000, 150_000, 3, 256 * KIB),
        new Nodes(MIB, 250, 10_000, 10_000),
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
        value instanceof Rooms area ? area : rooms,
        value instanceof Memory area ? area : memory,
        value instanceof Agreement area ? area : agreement,
        value instanceof Pending area ? area : pending,
        value instanceof Changes area ? area : changes,
        value instanceof Ephemeral area ? area : ephemeral,
        value instanceof Storage area ? area : storage,
        value instanceof Archive area ? area : archive,
        value instanceof Http area ? area : http,
        value instanceof Imports area ? area : imports,
        value instanceof Events area ? area : events,
        value instanceof Access area ? area : access,
        value instanceof Generation area ? area : generation,
        value instanceof Model area ? area : model,
        value instanceof Nodes area ? area : nodes,
        value instanceof Shutdown area ? area : shutdown);
  }

  /** Applies the setting {@code PARLOR_IDLE_SECONDS}. */
  public Limits withIdleSeconds(int idleSeconds) {
    return with(
        new Rooms(
            rooms.queueMax, rooms.peersMax, rooms.openMax, idleSeconds, rooms.holdBackMillisMax));
  }

  /** Applies the setting {@code PARLOR_LLM_MAX_TOKENS}. */
  public Limits withAnswerTokens(int tokensDefault) {
    return with(
        new Model(
            tokensDefault,
            model.connectMillisMax,
            model.firstTokenMillisMax,
            model.tokenGapMillisMax,
            model.totalMillisMax,
            model.attemptsMax,
            model.eventBytesMax));
  }

  /** Applies the setting {@code PARLOR_ARCHIVE_DAYS}. */
  public Limits withArchiveDays(int idleDays) {
    return with(new Archive(idleDays, archive.sweepRoomsMax, archive.sweepMinutes));
  }

  /** Applies the setting {@code PARLOR_ROOM_PEERS}. */
  public Limits withRoomPeers(int peersMax) {
    return with(
        new Rooms(
            rooms.queueMax, peersMax, rooms.openMax, rooms.idleSeconds, rooms.holdBackMillisMax));
  }
}
