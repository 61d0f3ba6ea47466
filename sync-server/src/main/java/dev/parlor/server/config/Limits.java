package dev.parlor.server.config;

/**
 * The server's limits in one place, by area; the unit stands in each name, and beside each stands
 * what happens at the limit. Those that are the same everywhere, in tests too, are {@link
 * FixedLimits}. Lengths of names and texts inside a room document are {@code RoomLimits} in
 * crdt-core, since the browser keeps to them too.
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
   * What a connection may do before it has joined [HS1]. Its first message must be the join, so the
   * rule's 1,000 messages and 100 documents are kept to by not taking a second one.
   *
   * @param bytesMax received before the join; above: close 1008
   * @param messagesMax received before the join, as the rule has it; one is taken
   * @param documentsMax named before the join, as the rule has it; none is taken
   * @param joinSecondsMax without a join since the upgrade; then: close 1008
   */
  public record Handshake(int bytesMax, int messagesMax, int documentsMax, int joinSecondsMax)
      implements Area {}

  /**
   * WebSocket frames after the join.
   *
   * @param bytesMax of one message, fragments put together; above: close 1009. It also bounds how
   *     many changes a sync message carries
   * @param documentsPerConnectionMax attached by one connection; above: {@code doc-unavailable}
   * @param connectionsMax open at once in the process; above: the upgrade gets 503
   */
  public record Frames(int bytesMax, int documentsPerConnectionMax, int connectionsMax)
      implements Area {}

  /**
   * What may wait for one socket to take it.
   *
   * @param framesMax waiting; above: that session is closed with 1013, nothing is dropped from the
   *     middle
   * @param bytesMax waiting; above: as for {@code framesMax}. A single frame larger than this is
   *     taken by an empty outbox.
   */
  public record Outbox(int framesMax, int bytesMax) implements Area {}

  /**
   * Finding sockets whose other end is gone [WS4].
   *
   * @param pingMillis between two pings
   * @param silentPingsMax in a row after which nothing was heard, not even a pong; then: close
   *     1001. More than one, since a client that reads or writes a long history is busy for seconds
   */
  public record Liveness(int pingMillis, int silentPingsMax) implements Area {

    /** With the usual number of pings. */
    public Liveness(int pingMillis) {
      this(pingMillis, 3);
    }
  }

  /**
   * What one connection, and all of one address, may bring.
   *
   * @param messagesPerSecondMax of one connection, sustained and in one burst; above: its socket is
   *     not read for as long as that takes, nothing is lost
   * @param bytesPerSecondMax as for {@code messagesPerSecondMax}; a single message may be larger
   * @param connectionsPerAddressMax open at once; above: the upgrade gets 429
   */
  public record Traffic(
      int messagesPerSecondMax, int bytesPerSecondMax, int connectionsPerAddressMax)
      implements Area {}

  /**
   * What a thread that others wait for does itself. More is done on a thread of its own, while that
   * connection's socket is not read.
   *
   * @param decodedBytesMax of a sync message that the sockets' thread decodes; above: elsewhere
   * @param inflatedBytesMax deflated bytes in a sync message that the sockets' thread inflates, up
   *     to a thousand times as many; above: elsewhere
   * @param decodersMax messages decoded elsewhere at once in the process; above: they wait
   * @param visitBytesMax of the messages that a sockets' thread or the commit thread works off in a
   *     room in one step, each operation and each byte counted; above: elsewhere
   * @param portionBytesMax of one message that a room takes in at once, counted in the same way;
   *     the rest follows change by change in further portions, between which it hears the others
   * @param bytesPerOperation that an operation counts as, for {@code visitBytesMax} and for a
   *     connection's bytes per second: about the time that as many bytes take
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
   * Rooms in memory.
   *
   * @param queueMax commands waiting for one room's writer; above: the sender's socket is not read
   *     (backpressure), and ephemeral messages are dropped and counted
   * @param peersMax connected to one room; above: {@code error} and close 1013
   * @param openMax rooms in memory; above: opening another fails with {@code doc-unavailable} until
   *     an idle one is evicted
   * @param idleSeconds without peers and observers; then the room leaves memory [DU7]
   * @param holdBackMillisMax that a requester waits for a supplier's advertised heads [SY8]; then
   *     it is answered with what is there
   */
  public record Rooms(
      int queueMax, int peersMax, int openMax, int idleSeconds, int holdBackMillisMax)
      implements Area {}

  /**
   * The heap: the collection that the server asks for when rooms have left memory, and what it does
   * when the heap is nearly full of what is in use.
   *
   * @param roomsMin that left since the last one; fewer: none is asked for
   * @param quietSeconds in which no room came or went; sooner: it waits
   * @param everySeconds at most; sooner: it waits
   * @param openMax rooms still in memory, since everything stands still meanwhile, the longer the
   *     more there is; above: it waits
   * @param fullPercent of the largest heap in use after a collection; above: peers' changes,
   *     documents that are not in memory and new connections are refused, connections that hold
   *     much end, and the largest documents leave memory
   * @param freePercent in use after a collection; below: all that is over
   * @param checkSeconds between two collections of everything that are asked for because one of
   *     young objects found more than {@code fullPercent} in use; sooner: what the runtime does by
   *     itself decides
   * @param heldBytesMax that one connection holds while the heap is full: parts of messages, and
   *     what its socket has not taken; above: it ends with 1013
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
   * Finding peers with whom a message was lost on a connection that stands [SY12].
   *
   * @param lookMillis between two looks at who agrees; who does not and came no closer since the
   *     last one is started over with, then after two, four, ... looks in vain
   */
  public record Agreement(int lookMillis) implements Area {}

  /**
   * Changes that wait for a missing dependency [SY7].
   *
   * @param changesPerPeerMax above: the peer's session is closed with 4422
   * @param bytesPerPeerMax above: as for {@code changesPerPeerMax}
   * @param changesPerRoomMax above: the newest are refused, their sender is closed with 1013
   * @param bytesPerRoomMax above: as for {@code changesPerRoomMax}
   */
  public record Pending(
      int changesPerPeerMax, long bytesPerPeerMax, int changesPerRoomMax, long bytesPerRoomMax)
      implements Area {}

  /**
   * Size of changes and documents [AD3]; a change above a limit is refused with close 4422.
   *
   * @param bytesPerChangeMax of one change in plain form, which also caps inflation
   * @param bytesPerDocumentMax of all its changes together
   * @param changesPerDocumentMax of a document
   * @param operationsPerChangeMax operations of one change together with what they overwrite
   * @param operationsPerDocumentMax of a document; the change that passes it is the last
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
   * @param sessionsPerConnectionMax remembered for duplicate detection [EP2]; above: the oldest is
   *     forgotten
   * @param crowdPeers in a room; from so many on its ephemeral messages are gathered for {@code
   *     gatherMillis}, so that several to one socket are one write
   * @param gatherMillis that a message to a crowd may wait; changes do not wait for it
   */
  public record Ephemeral(
      int dataBytesMax,
      int perSecondMax,
      int sessionsPerConnectionMax,
      int crowdPeers,
      int gatherMillis)
      implements Area {}

  /**
   * The commit thread's queue and compaction; of each shard, where there are several.
   *
   * @param groupRecordsMax records in one group commit; above: the rest goes into the next
   * @param groupBytesMax bytes in one group commit; above: as for {@code groupRecordsMax}
   * @param queueBytesMax waiting for a commit; above: an append fails at once with an IOException
   * @param compactAfterChanges log records after which a document is given a new snapshot
   * @param compactOperationsMax operations of a document; one with more is not given a snapshot,
   *     since native code would need some 330 bytes of memory for each, and joins change by change
   * @param logRecordsMax appends in one entry of the change log; above: the group goes into the
   *     trees
   * @param logBytesMax of the change log's file; above: as for {@code logRecordsMax}
   * @param absorbChangesMax changes that only the change log holds; above: the trees absorb them
   * @param absorbBytesMax their bytes; above: as for {@code absorbChangesMax}
   * @param absorbDocumentsMax their documents; above: as for {@code absorbChangesMax}
   * @param absorbIdleMillis without a write; then: as for {@code absorbChangesMax}
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

    /** For one of so many shards: together no more waits, but each may have one whole group. */
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
   * Rooms that go from the store into the archive.
   *
   * @param idleDays whole days on which nobody had a room open; then it goes at the next sweep; 0
   *     for never
   * @param sweepRoomsMax archived in one sweep; more: at the next
   * @param sweepMinutes between two sweeps
   */
  public record Archive(int idleDays, int sweepRoomsMax, int sweepMinutes) implements Area {}

  /**
   * HTTP requests.
   *
   * @param bodyBytesMax of a request's body; above: 413
   * @param resultWaitSecondsMax of {@code ?wait=}; above: cut to this
   * @param requestsPerMinuteMax of one identity, or of one address without one; above: 429
   * @param idempotencyKeysMax remembered; above: the oldest is forgotten
   * @param idempotencySeconds that a key is remembered
   */
  public record Http(
      int bodyBytesMax,
      int resultWaitSecondsMax,
      int requestsPerMinuteMax,
      int idempotencyKeysMax,
      int idempotencySeconds)
      implements Area {}

  /**
   * Rooms that are made of files.
   *
   * @param bodyBytesMax of a file; above: 413, before it is read when it says its length. Each
   *     character of a card or note becomes an operation of the new document.
   * @param atOnceMax imported at once in the process; above: 503 with {@code Retry-After}
   */
  public record Imports(int bodyBytesMax, int atOnceMax) implements Area {}

  /**
   * Server-sent events of a room.
   *
   * @param ringMax events kept for resuming; a client that comes back with an older id is told to
   *     reload
   * @param subscriberQueueMax events waiting for one subscriber; above: its stream is closed and it
   *     resumes
   * @param subscribersPerRoomMax open streams of one room; above: 503
   * @param heartbeatSeconds between comments on a quiet stream
   */
  public record Events(
      int ringMax, int subscriberQueueMax, int subscribersPerRoomMax, int heartbeatSeconds)
      implements Area {}

  /**
   * Rooms, identities and tickets.
   *
   * @param ticketSeconds that a ticket can be used; then: 401
   * @param ticketsMax not yet used; above: the oldest is dropped
   * @param roomsPerMinuteMax made by one identity or address; above: 429
   * @param identitiesPerMinuteMax made from one address; above: 429
   * @param proofs by which a key pair proves an identity
   * @param invitations to rooms
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
   * @param nonceSeconds that a nonce can be signed and shown; then: 401
   * @param noncesUsedMax used and not yet expired; above: 503, so that none is ever forgotten
   * @param sessionSeconds that a session's token is good; then: 401, and the page proves itself
   *     again
   */
  public record Proofs(int nonceSeconds, int noncesUsedMax, int sessionSeconds) {
    static final Proofs STANDARD = new Proofs(60, 100_000, 900);
  }

  /**
   * Invitations to a room.
   *
   * @param perRoomMax kept of one room; above: the oldest that is over is forgotten, and without
   *     such a one 409
   * @param usesMax that one may be limited to; above: 400
   * @param secondsMax that one may be good for; above: 400
   * @param secretAnswersPerMinuteMax to a room's secret from one address, six times as many to the
   *     room in all; above: 429
   */
  public record Invitations(
      int perRoomMax, int usesMax, int secondsMax, int secretAnswersPerMinuteMax) {
    static final Invitations STANDARD = new Invitations(200, 500, 366 * 86_400, 10);
  }

  /**
   * Model calls in rooms.
   *
   * @param perMinuteMax started by one identity; above: 429, or a result {@code refused} for a lock
   *     in the document
   * @param leaseSeconds of a grant; a run that outlives it is ended as {@code interrupted}
   * @param chunkFlushMillis after which streamed text goes into the document
   * @param chunkFlushBytes of streamed text after which it goes into the document at once
   * @param deltaMillis for which tokens may be gathered into one ephemeral message
   * @param answerBytesMax of one answer; above: the call is stopped and the part is kept
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
   * @param tokensDefault asked for when no card limits the answer; 0 for no limit, then the model's
   *     own counts. A card's number is sent as it is
   * @param connectMillisMax to reach the endpoint; then: retried, then status {@code error}
   * @param firstTokenMillisMax from the request to the first token; then: as for connecting
   * @param tokenGapMillisMax between two tokens; then: status {@code error}, the part is kept
   * @param totalMillisMax of one call; then: as for a gap
   * @param attemptsMax before the first token; then: status {@code error}
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
   * Several nodes that serve the same documents; nothing of it happens in a server that is alone.
   *
   * @param messageBytesMax of changes in one message between nodes; above: it goes in parts
   * @param askMillis until what other nodes are known to have is asked for again, twice as long
   *     each time that nothing comes
   * @param announceMillis between two announcements of a room's heads; so long may a loss that
   *     nobody told of stay unnoticed
   * @param leaseMillis for which a node holds a room's generation without renewing it; then: its
   *     run ends, another node takes over
   */
  public record Nodes(int messageBytesMax, int askMillis, int announceMillis, int leaseMillis)
      implements Area {}

  /**
   * Stopping [DU6].
   *
   * @param millisMax from the signal to the exit; what is not done then is left, acknowledged
   *     changes are on disk in any case
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

  /** The same with another value for one area. */
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

  /** Has a setting of its own, {@code PARLOR_IDLE_SECONDS}. */
  public Limits withIdleSeconds(int idleSeconds) {
    return with(
        new Rooms(
            rooms.queueMax, rooms.peersMax, rooms.openMax, idleSeconds, rooms.holdBackMillisMax));
  }

  /** Has a setting of its own, {@code PARLOR_LLM_MAX_TOKENS}. */
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

  /** Has a setting of its own, {@code PARLOR_ARCHIVE_DAYS}. */
  public Limits withArchiveDays(int idleDays) {
    return with(new Archive(idleDays, archive.sweepRoomsMax, archive.sweepMinutes));
  }

  /** Has a setting of its own, {@code PARLOR_ROOM_PEERS}. */
  public Limits withRoomPeers(int peersMax) {
    return with(
        new Rooms(
            rooms.queueMax, peersMax, rooms.openMax, rooms.idleSeconds, rooms.holdBackMillisMax));
  }
}
