package dev.parlor.server.config;

/**
 * The limits that are equal on every server and in every test. {@link Limits} has the limits whose
 * values can differ. Each name carries the unit, and each comment says what happens at the limit.
 * Sizes that belong to a format (headers, checksums, keys) are beside the code of that format.
 */
public final class FixedLimits {

  private static final int KIB = 1024;
  private static final int MIB = 1024 * KIB;

  // HTTP requests.

  /** All headers of one request; above: 400. */
  public static final int HEADERS_BYTES_MAX = 16 * KIB;

  /** Nested objects and lists in a request body; above: 400. Parlor's own bodies need one level. */
  public static final int JSON_DEPTH_MAX = 16;

  /** Characters of a key in JSON that is written to a document; above: 400. */
  public static final int JSON_KEY_LENGTH_MAX = 256;

  /** Tracked keys per rate limiter; above: the least recently used key is evicted. */
  public static final int RATE_KEYS_MAX = 20_000;

  /** Characters of an {@code Idempotency-Key}; above: 400. */
  public static final int IDEMPOTENCY_KEY_LENGTH_MAX = 255;

  /**
   * Characters of an {@code Idempotency-Key} in a request without a token; below: 400. Other
   * clients behind the same address must not be able to guess the key.
   */
  public static final int IDEMPOTENCY_KEY_LENGTH_MIN_ANONYMOUS = 16;

  /** One reply kept for its {@code Idempotency-Key}; above: the reply is not kept. */
  public static final int IDEMPOTENCY_REPLY_BYTES_MAX = 256 * KIB;

  /** All replies kept; above: the oldest is dropped. */
  public static final long IDEMPOTENCY_BYTES_MAX = 32L * MIB;

  /** Wait of a request for an earlier request with the same key; then: 409. */
  public static final int IDEMPOTENCY_WAIT_SECONDS_MAX = 10;

  /** Characters of a nonce (Parlor's have 101) and of a signature (86); above: 400. */
  public static final int PROOF_LENGTH_MAX = 200;

  /** Characters of a room secret's salt, stored key, nonce and proof; above: 400. */
  public static final int SECRET_TEXT_LENGTH_MAX = 200;

  /** Characters of an avatar, an emoji with its modifiers; above: 400. */
  public static final int AVATAR_LENGTH_MAX = 32;

  /** Characters of a participant's colour; above: 400. */
  public static final int COLOR_LENGTH_MAX = 32;

  /** Characters of a room's title in an exported file's name; above: the title is cut. */
  public static final int FILE_NAME_LENGTH_MAX = 60;

  /** Characters of a {@code Last-Event-ID}; above: the header is ignored. */
  public static final int LAST_EVENT_ID_LENGTH_MAX = 64;

  /** Duration of one write to an event stream; then: the stream ends. */
  public static final int EVENT_WRITE_SECONDS_MAX = 10;

  /** Time to resume an event stream with its ticket after its connection ended; then: 401. */
  public static final int EVENT_RETURN_SECONDS_MAX = 600;

  /** Lifetime of a stream's ticket since its first use; then: 401. */
  public static final int EVENT_TICKET_SECONDS_MAX = 86_400;

  /**
   * Tickets of event streams that can be resumed; above: the oldest ticket without a connection is
   * dropped.
   */
  public static final int EVENT_TICKETS_MAX = 20_000;

  /** Wait of a request for a room, which may load and commit a group; then: 503. */
  public static final int ROOM_ANSWER_SECONDS_MAX = 20;

  // The admin API.

  /** Rooms in one answer; above: 400. The answer queries each of them. */
  public static final int ADMIN_PAGE_MAX = 500;

  /** Heads listed of a document; above: the answer has only the number of the rest. */
  public static final int ADMIN_HEADS_MAX = 100;

  /** Quarantined and suspected documents listed in one answer; above: the rest is left out. */
  public static final int ADMIN_NAMES_MAX = 1_000;

  /** Time for all rooms of one answer together; then: the remaining rooms are shown as busy. */
  public static final int ADMIN_ANSWER_MILLIS_MAX = 2_000;

  /** Wait for a compaction; then: 202, and the compaction continues. */
  public static final int ADMIN_COMPACTION_MILLIS_MAX = 30_000;

  // Identities.

  /** Characters of an identity's token (Parlor's have 69); above: the token is invalid. */
  public static final int IDENTITY_TOKEN_LENGTH_MAX = 128;

  /** Characters of a session's token; above: the token is invalid. */
  public static final int SESSION_TOKEN_LENGTH_MAX = 256;

  /** Characters of a room's slug in a lookup; above: the room is not found. */
  public static final int SLUG_LENGTH_MAX = 64;

  /** Characters of a recovery key in a request; above: 400. */
  public static final int RECOVERY_KEY_LENGTH_MAX = 100;

  /**
   * Ended links kept for each role, so that they differ from unknown links; above: the oldest is
   * forgotten.
   */
  public static final int ENDED_LINKS_MAX = 16;

  /** Bytes of a room secret's salt; below: 400. */
  public static final int SECRET_SALT_BYTES_MIN = 16;

  /** Bytes of a room secret's salt; above: 400. */
  public static final int SECRET_SALT_BYTES_MAX = 64;

  /** Hash iterations for a room's secret; below: 400. */
  public static final int SECRET_ITERATIONS_MIN = 100_000;

  /** Hash iterations for a room's secret, computed in each visitor's browser; above: 400. */
  public static final int SECRET_ITERATIONS_MAX = 10_000_000;

  /** Characters of a JWT; above: 401. */
  public static final int JWT_LENGTH_MAX = 8 * KIB;

  /** Bits of an RSA key's modulus; below: the key is not used. */
  public static final int JWT_RSA_BITS_MIN = 2_048;

  /** Keys tried for one JWT without a key id; above: 401. */
  public static final int JWT_KEYS_TRIED_MAX = 8;

  /** Difference allowed between the issuer's clock and the server's; above: 401. */
  public static final int JWT_SKEW_SECONDS_MAX = 60;

  /** Time to connect to the URL of the key set; then: the fetch fails. */
  public static final int JWKS_CONNECT_MILLIS_MAX = 2_000;

  /** Time between two reads of the key set; then: the fetch fails. */
  public static final int JWKS_READ_MILLIS_MAX = 2_000;

  /** Size of the key set; above: the fetch fails. */
  public static final int JWKS_BYTES_MAX = 256 * KIB;

  /** Age of a cached key set; then: it is fetched again. */
  public static final int JWKS_KEPT_MILLIS_MAX = 300_000;

  /** Wait for another request's fetch of the key set; then: 503. */
  public static final int JWKS_REFRESH_MILLIS_MAX = 5_000;

  /** Time for which a cached key set is used while its URL does not answer; then: 503. */
  public static final int JWKS_OUTAGE_MILLIS_MAX = 3_600_000;

  // The relay.

  /** Total cost of the messages that wait in one document's mailbox; above: the mailbox is full. */
  public static final long MAILBOX_BYTES_MAX = 64L * MIB;

  /**
   * Declared operations of one message that count against the sender's rate; above: this many
   * count. Such a message is refused in any case.
   */
  public static final long CLAIMED_OPERATIONS_MAX = 2L * MIB;

  /**
   * Documents of one connection in which changes were refused; above: the connection is closed with
   * the code of the refusal.
   */
  public static final int REFUSED_DOCUMENTS_MAX = 100;

  /**
   * Refused changes of one connection in one document; above: further messages of this connection
   * for that document are dropped unread. Changes that depend on a refused change do not count.
   */
  public static final int REFUSED_CHANGES_MAX = 256;

  /**
   * Hashes kept for each connection and document: of refused changes, and of changes that depend on
   * them. Above: the least recently used hash is evicted. A change that depends on an evicted hash
   * then waits, as for a missing dependency [SY7].
   */
  public static final int REFUSED_HASHES_MAX = 512;

  /** Refusals reported to one connection in one document; above: they are only counted. */
  public static final int REFUSALS_TOLD_MAX = 16;

  /**
   * Extra cost of each change of a message after the first, on top of its bytes and its operations.
   * It counts for the document's mailbox and the sender's rate. It is about the memory of the
   * change's fields once decoded.
   */
  public static final int CHANGE_MEMORY_BYTES = 256;

  /** Time for which a peer is held back for the disk; then: its further messages are deferred. */
  public static final int HELD_MILLIS_MAX = 250;

  /** Deferred messages of one peer; above: its session is closed with 1013. */
  public static final int PUT_OFF_MESSAGES_MAX = 1_024;

  /**
   * Wait of a request for an unknown document that no peer has announced; then: {@code
   * doc-unavailable}. If one client creates a document while another requests it, the two messages
   * arrive in either order.
   */
  public static final int ASKER_MILLIS_MAX = 100;

  /** Delay before the first retry of a failed commit; it doubles with each retry. */
  public static final int COMMIT_RETRY_MILLIS_MIN = 100;

  /** Longest delay between two retries of a failed commit. */
  public static final int COMMIT_RETRY_MILLIS_MAX = 5_000;

  /**
   * Heads of other nodes that are missing here and are tracked; above: the rest is found after
   * these have arrived.
   */
  public static final int NODES_WANTED_MAX = 256;

  /**
   * Refused changes of other nodes whose hashes are kept; above: such a change is requested again.
   */
  public static final int NODES_REFUSED_MAX = 1_024;

  /** Ephemeral sessions of other nodes' clients [EP2]; above: the oldest is forgotten. */
  public static final int NODES_SESSIONS_MAX = 4_096;

  /**
   * Interval between two checks for a full heap. One check closes documents, the next counts their
   * effect.
   */
  public static final int RELIEF_LOOK_MILLIS = 3_000;

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

  /** Value of {@code Retry-After} for a refused upgrade. Connections end all the time. */
  public static final int RETRY_SECONDS = 5;

  // Rooms open on the server.

  /** Tasks waiting for one room; above: 503. */
  public static final int ROOM_TASKS_MAX = 10_000;

  /** Arrived changes that are applied and looked at one by one; above: all are applied together. */
  public static final int GLANCES_MAX = 64;

  /** Changes kept to detect writes to map keys; above: such writes are assumed. */
  public static final int ATTRIBUTION_CHANGES_MAX = 64;

  /**
   * Overwritten texts of one room that are watched for later letters; above: the least recently
   * changed text is no longer watched, unless the room has a record of it.
   */
  public static final int REPLACED_TEXTS_MAX = 1_000;

  /**
   * Truncated texts reported in one pass over the room; above: the rest is only in the room's
   * problems.
   */
  public static final int TRUNCATED_TEXTS_REPORTED_MAX = 8;

  /** Authors named in one such message; above: the rest is left out. */
  public static final int TRUNCATION_AUTHORS_MAX = 8;

  // Generation.

  /** Characters of an answer in one ephemeral message; above: the text is split. */
  public static final int DELTA_CHARACTERS_MAX = 2_000;

  /** Consecutive evaluations of the document; above: the rest follows at the next change. */
  public static final int GENERATION_LOOKS_MAX = 4;

  /** Requests kept while another node decides; above: the oldest is forgotten. */
  public static final int GLIMPSED_MAX = 256;

  // The store and the process.

  /** Size of the journal under MapDB; above: its contents are written to the file. */
  public static final long JOURNAL_BYTES_MAX = 32L * MIB;

  /** Unchanged 4 KiB blocks of the file kept in memory; above: the oldest is evicted. */
  public static final int CLEAN_BLOCKS_MAX = 1_024;

  /** Delay until a shard is tried again after its disk refused a write. */
  public static final int SHARD_RETRY_SECONDS = 5;

  /** Time of a child process with native code for one document; then: it is killed. */
  public static final int SNAPSHOT_SECONDS_MAX = 60;

  /** Documents named in one log line; above: "and more". */
  public static final int LOGGED_NAMES_MAX = 100;

  /**
   * Time for running answers to end with the text so far when the server stops; then: the next
   * start ends them.
   */
  public static final int STOP_RUNS_MILLIS_MAX = 2_000;

  /** Time for pending changes to reach the disk when the server stops; then: the log says so. */
  public static final int STOP_FLUSH_MILLIS_MAX = 4_000;

  /** Time for sockets to complete their close when the server stops; then: they are cut. */
  public static final int STOP_SOCKETS_MILLIS_MAX = 2_000;

  // Settings.

  /** Characters of {@code PARLOR_ADMIN_TOKEN}; below: no start, since it could be guessed. */
  public static final int ADMIN_TOKEN_LENGTH_MIN = 16;

  /** Blocks in {@code --trusted-proxies}, which each request is compared with; above: no start. */
  public static final int TRUSTED_PROXIES_MAX = 256;

  /** Shards; above: no start. Each has a thread, three open files and its own memory. */
  public static final int SHARDS_MAX = 64;

  /** Value of {@code PARLOR_LLM_MAX_TOKENS}; above: no start. */
  public static final int MODEL_TOKENS_MAX = 10_000_000;

  /** Characters of a model's name in a room's settings; above: no start. */
  public static final int MODEL_NAME_LENGTH_MAX = 256;

  private FixedLimits() {}
}
