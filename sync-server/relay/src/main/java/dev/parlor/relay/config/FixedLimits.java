package dev.parlor.relay.config;

/**
 * The limits that are the same on every server and in every test. {@link Limits} has the limits
 * whose values can differ. Each name carries the unit, and each comment says what happens at the
 * limit. Sizes that belong to a format (headers, checksums, keys) are beside the code of that
 * format.
 */
public final class FixedLimits {

  private static final int KIB = 1024;
  private static final int MIB = 1024 * KIB;

  // HTTP requests.

  /**
   * Bytes of a body that the server reads and discards after a response that closes the connection;
   * above: the connection closes, and the client may lose the response.
   */
  public static final int DISCARDED_BODY_BYTES_MAX = 64 * 1024 * 1024;

  /** All headers of one request; above: 400. */
  public static final int HEADERS_BYTES_MAX = 16 * KIB;

  // The relay.

  /** Total cost of the messages that wait in one document's mailbox; above: the mailbox is full. */
  public static final long MAILBOX_BYTES_MAX = 64L * MIB;

  /**
   * Declared operations of one message that count against the sender's rate; above: this many
   * count. Such a message is refused in any case.
   */
  public static final long DECLARED_OPERATIONS_MAX = 8L * MIB;

  /**
   * Documents of one connection in which changes were refused; above: the connection is closed with
   * the code of the refusal.
   */
  public static final int REFUSED_DOCUMENTS_MAX = 100;

  /**
   * Refused changes of one connection in one document; above: further changes of this connection in
   * that document are dropped unread. Changes that depend on a refused change do not count.
   */
  public static final int REFUSED_CHANGES_MAX = 256;

  /**
   * Hashes kept for each connection and document: of refused changes, and of changes that depend on
   * them. Above: the least recently used hash is evicted. A change that depends on an evicted hash
   * then waits, as for a missing dependency [SY7].
   */
  public static final int REFUSED_HASHES_MAX = 512;

  /** Refusals reported to one connection in one document; above: they are only counted. */
  public static final int REFUSALS_REPORTED_MAX = 16;

  /**
   * Share of the maximum heap that reading or building one document chunk may take: one half. Above
   * it, a received chunk is refused [AD3], and a document gets no snapshot.
   */
  public static final int DOCUMENT_CHUNK_HEAP_DIVISOR = 2;

  /**
   * Bytes of a document chunk that may be read beside another one; above: it waits until no other
   * large chunk is read or built.
   */
  public static final int SMALL_DOCUMENT_CHUNK_BYTES_MAX = 16 * KIB;

  /** Heap for such a chunk, by an upper estimate; above: as for its bytes. */
  public static final long SMALL_DOCUMENT_HEAP_BYTES_MAX = MIB;

  /** Bytes of a policy file; above: the server does not start. */
  public static final int POLICY_BYTES_MAX = 256 * KIB;

  /** Rules of a policy file; above: the server does not start. */
  public static final int POLICY_RULES_MAX = 200;

  /** Segments of a path in a policy file; above: the server does not start. */
  public static final int POLICY_SEGMENTS_MAX = 60;

  /** Named roles of a token in one document; above: the upgrade is answered with 401. */
  public static final int ROLES_MAX = 50;

  /** Letters of the name of a role; above: as for too many roles. */
  public static final int ROLE_NAME_LENGTH_MAX = 60;

  /**
   * Extra cost of each change of a message after the first, on top of its bytes and its operations.
   * It counts for the document's mailbox and the sender's rate. It approximates the memory of the
   * change's fields after decoding.
   */
  public static final int CHANGE_MEMORY_BYTES = 256;

  /**
   * Time that a peer may wait for the commit of its changes; then: its further messages are
   * deferred.
   */
  public static final int COMMIT_WAIT_MILLIS_MAX = 250;

  /**
   * Time without progress of a document's commits to a cluster; then: messages are not deferred,
   * because the commit that they wait for may take minutes.
   */
  public static final int COMMIT_STALL_MILLIS = 2_000;

  /** Deferred messages of one peer; above: its session is closed with 1013. */
  public static final int DEFERRED_MESSAGES_MAX = 1_024;

  /**
   * Wait of a request for an unknown document that no peer has announced; then: {@code
   * doc-unavailable}. If one client creates a document while another requests it, the two messages
   * arrive in either order.
   */
  public static final int PENDING_REQUEST_MILLIS_MAX = 100;

  /** Delay before the first retry of a failed commit; it doubles with each retry. */
  public static final int COMMIT_RETRY_MILLIS_MIN = 100;

  /** Longest delay between two retries of a failed commit. */
  public static final int COMMIT_RETRY_MILLIS_MAX = 5_000;

  /** Delay until a document is read again that could not be read because the cluster is away. */
  public static final int LOAD_RETRY_MILLIS = 1_000;

  /** Documents of a cluster that are read at once; above: the others wait for their turn. */
  public static final int CLUSTER_LOADS_MAX = 64;

  /** Time for which the cluster is away; then: clients are moved to other nodes. */
  public static final int AWAY_MOVE_MILLIS = 30_000;

  /** Share of the open sockets that are moved in one second while the cluster is away. */
  public static final int AWAY_MOVE_PERCENT = 1;

  /**
   * Tracked heads of other nodes that this node lacks; above: further missing heads are found after
   * these have arrived.
   */
  public static final int NODES_MISSING_HEADS_MAX = 256;

  /**
   * Hashes kept of refused changes that other nodes sent; above: the oldest is forgotten, and its
   * change may be requested again.
   */
  public static final int NODES_REFUSED_MAX = 1_024;

  /** Ephemeral sessions of other nodes' clients [EP2]; above: the oldest is forgotten. */
  public static final int NODES_SESSIONS_MAX = 4_096;

  /**
   * Interval between two checks for a full heap. One check closes documents, the next counts their
   * effect.
   */
  public static final int RELIEF_CHECK_MILLIS = 3_000;

  /** Time for a document to report its size while the heap is full; then: it stays in memory. */
  public static final int RELIEF_ANSWER_MILLIS_MAX = 2_000;

  /** Share of all documents' memory that one check closes, the largest documents first. */
  public static final int RELIEF_PERCENT = 20;

  // Sockets.

  /** Time for a client to answer the server's close; then: the socket is cut. */
  public static final int LINGER_MILLIS_MAX = 3_000;

  /**
   * Frames waiting for one socket; from this many on, an author's newer presence replaces the
   * older.
   */
  public static final int PRESSURE_FRAMES = 64;

  /**
   * Value of {@code Retry-After} for a refused upgrade. It is short, since other connections end
   * all the time.
   */
  public static final int RETRY_SECONDS = 5;

  // The store and the process.

  /** Size of the journal under MapDB; above: its contents are written to the file. */
  public static final long JOURNAL_BYTES_MAX = 32L * MIB;

  /** Unchanged 4 KiB blocks of the file kept in memory; above: the oldest is evicted. */
  public static final int CLEAN_BLOCKS_MAX = 1_024;

  /**
   * Former contents of 4 KiB blocks that one backup keeps in memory for each store; above: further
   * blocks go into a file, which is deleted when the backup ends.
   */
  public static final int FROZEN_BLOCKS_MAX = 4_096;

  /**
   * Time that the commit threads of several shards may wait for each other at the moment of a
   * backup; then: they go on, and the backup tries again.
   */
  public static final int FREEZE_MILLIS_MAX = 1_000;

  /** Attempts at that moment; then: the backup fails with a sentence. */
  public static final int FREEZE_ATTEMPTS_MAX = 5;

  /** Delay until a shard is tried again after its disk refused a write. */
  public static final int SHARD_RETRY_SECONDS = 5;

  /**
   * Time that a child process may spend in native code for one document; then: the child is killed.
   */
  public static final int SNAPSHOT_SECONDS_MAX = 60;

  /** Documents named in one log line; above: "and more". */
  public static final int LOGGED_NAMES_MAX = 100;

  /** Time for pending changes to reach the disk when the server stops; then: the log says so. */
  public static final int STOP_FLUSH_MILLIS_MAX = 4_000;

  /**
   * Time over which a stopping node of a cluster spreads the closing of its sockets; with few
   * sockets it takes less.
   */
  public static final int DRAIN_SPREAD_MILLIS_MAX = 10_000;

  /** The longest time between two such sockets. */
  public static final int DRAIN_PAUSE_MILLIS_MAX = 20;

  /** Time for sockets to complete their close when the server stops; then: they are cut. */
  public static final int STOP_SOCKETS_MILLIS_MAX = 2_000;

  // JSON Web Tokens.

  /** Characters of a JWT; above: 401. */
  public static final int JWT_LENGTH_MAX = 8 * KIB;

  /** Bits of an RSA key's modulus; below: the key is not used. */
  public static final int JWT_RSA_BITS_MIN = 2_048;

  /** Keys tried for one JWT without a key id; above: 401. */
  public static final int JWT_KEYS_TRIED_MAX = 8;

  /**
   * Seconds for which the verified signature of a JWT is remembered; then it is verified again. A
   * key that the issuer withdraws is trusted for that much longer.
   */
  public static final int JWT_VERIFIED_SECONDS_MAX = 60;

  /**
   * JWTs whose verified signature is remembered; above: the least recently used one is verified
   * again.
   */
  public static final int JWT_VERIFIED_MAX = 1_000;

  /** Difference allowed between the issuer's clock and the server's; above: 401. */
  public static final int JWT_SKEW_SECONDS_MAX = 60;

  /** Time to connect to the URL of the key set; then: the fetch fails. */
  public static final int JWKS_CONNECT_MILLIS_MAX = 2_000;

  /** Time between two reads of the key set; then: the fetch fails. */
  public static final int JWKS_READ_MILLIS_MAX = 2_000;

  /** Size of the key set; above: the fetch fails. */
  public static final int JWKS_BYTES_MAX = 256 * KIB;

  /** Age of a cached key set; then: it is fetched again. */
  public static final int JWKS_CACHED_MILLIS_MAX = 300_000;

  /** Wait for another request's fetch of the key set; then: 503. */
  public static final int JWKS_REFRESH_MILLIS_MAX = 5_000;

  /** Time for which a cached key set is used while its URL does not answer; then: 503. */
  public static final int JWKS_OUTAGE_MILLIS_MAX = 3_600_000;

  // The backend of an app that decides about documents.

  /** Time for a question to the backend, with the wait for its turn; then: no decision. */
  public static final int AUTHORIZER_MILLIS_MAX = 5_000;

  /**
   * Characters of {@code PARLOR_SYNC_BACKEND_TOKEN}; below: no start, since it could be guessed.
   */
  public static final int BACKEND_TOKEN_LENGTH_MIN = 16;

  /**
   * Orders of the app's backend in a minute, from one address, with or without the right token;
   * above: 429.
   */
  public static final int BACKEND_ORDERS_PER_MINUTE_MAX = 600;

  /** Questions to the backend at the same time; above: they wait for their turn. */
  public static final int AUTHORIZER_CALLS_MAX = 64;

  /** Bytes of an answer; above: no decision. */
  public static final int AUTHORIZER_BYTES_MAX = 4 * KIB;

  /** Answers that are kept; above: the least recently used answer is asked for again. */
  public static final int AUTHORIZER_ANSWERS_MAX = 50_000;

  /** Seconds for which an answer counts that names no time. */
  public static final int AUTHORIZER_SECONDS_DEFAULT = 60;

  /** Seconds for which an answer counts at most, whatever it names. */
  public static final int AUTHORIZER_SECONDS_MAX = 3_600;

  /** Delay until the backend is asked again for an open document after it did not answer. */
  public static final int AUTHORIZER_RETRY_SECONDS = 5;

  /**
   * Time for which open documents stay open after their answer ended while the backend does not
   * answer; then: the connection is closed, and its client comes again.
   */
  public static final int AUTHORIZER_OUTAGE_SECONDS_MAX = 60;

  // Deleted documents.

  /**
   * Time for each step of a deletion: its commit, and the end of the open document; then: the order
   * fails with 503, and the sweep completes what was begun.
   */
  public static final int DELETION_SECONDS_MAX = 10;

  /** Interval of the sweep that removes the data of deleted documents after its time. */
  public static final int DELETION_SWEEP_MINUTES = 60;

  // Webhooks and streams of documents that are not rooms.

  /** Actors that one event names, by their ids ascending; further actors are left out. */
  public static final int EVENT_ACTORS_MAX = 100;

  /** Streams of events of documents that are not rooms; above: 503. */
  public static final int STREAMS_MAX = 1_000;

  /** Streams of one token's subject; above: 429. */
  public static final int STREAMS_OF_CALLER_MAX = 50;

  /** Time between two change events of a stream; changes in between become one event. */
  public static final int STREAM_INTERVAL_MILLIS = 100;

  /** Time for changes to reach the disk; then: the stream ends, and its client comes again. */
  public static final int STREAM_READ_SECONDS_MAX = 30;

  /** Interval of comments in a stream without events. */
  public static final int STREAM_HEARTBEAT_SECONDS = 15;

  /** Time for one write to a client; then: the stream is closed. */
  public static final int STREAM_WRITE_SECONDS_MAX = 20;

  /** Interval of the check for clients that do not read. */
  public static final int STREAM_CHECK_SECONDS = 5;

  /** Heads in the id of an event; above: a client that resumes there is told to read again. */
  public static final int STREAM_ID_HEADS_MAX = 32;

  /** Time without a change of a document after which its changes are told. */
  public static final int WEBHOOK_QUIET_MILLIS = 2_000;

  /** Time from the first untold change of a document; then: its changes are told. */
  public static final int WEBHOOK_WAIT_MILLIS_MAX = 10_000;

  /** Time for the receiver to answer; then: the delivery failed and is repeated. */
  public static final int WEBHOOK_MILLIS_MAX = 10_000;

  /** Deliveries at the same time, one for each document; above: they wait for their turn. */
  public static final int WEBHOOK_CALLS_MAX = 4;

  /** Delay of the second attempt; it doubles with each attempt. */
  public static final int WEBHOOK_RETRY_MILLIS_MIN = 1_000;

  /** Delay between two attempts at most. */
  public static final int WEBHOOK_RETRY_SECONDS_MAX = 300;

  /**
   * Time until a node looks again for the webhooks of a node that is gone, if it could not take
   * over all of them.
   */
  public static final int WEBHOOK_TAKEOVER_MILLIS = 5_000;

  /**
   * Documents with untold changes in memory; above: they wait on the disk until half of this number
   * is left.
   */
  public static final int WEBHOOK_DOCUMENTS_MAX = 10_000;

  // Settings.

  /** Blocks in {@code --trusted-proxies}, which each request is compared with; above: no start. */
  public static final int TRUSTED_PROXIES_MAX = 256;

  /** Shards; above: no start. Each has a thread, three open files and its own memory. */
  public static final int SHARDS_MAX = 64;

  private FixedLimits() {}
}
