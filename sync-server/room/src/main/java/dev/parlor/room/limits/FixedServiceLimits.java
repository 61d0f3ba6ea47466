package dev.parlor.room.limits;

/**
 * The limits of rooms and of their HTTP interface that are equal on every server and in every test.
 * {@link ServiceLimits} has the limits whose values can differ. Each name ends with the unit, and
 * each comment says what happens beyond the limit.
 */
public final class FixedServiceLimits {

  private static final int KIB = 1024;
  private static final int MIB = 1024 * KIB;

  // HTTP requests.

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

  /** Size of a reply that is kept for its {@code Idempotency-Key}; above: it is not kept. */
  public static final int IDEMPOTENCY_REPLY_BYTES_MAX = 256 * KIB;

  /** Size of all replies that are kept; above: the oldest is dropped. */
  public static final long IDEMPOTENCY_BYTES_MAX = 32L * MIB;

  /** Wait of a request for an earlier request with the same key; then: 409. */
  public static final int IDEMPOTENCY_WAIT_SECONDS_MAX = 10;

  /**
   * Lifetime of a node's claim of an idempotency key in a cluster. A node that dies in the middle
   * of a request leaves its claim; after this time the request may be repeated.
   */
  public static final int IDEMPOTENCY_CLAIM_SECONDS = 120;

  /** Characters of a nonce (Parlor's have 101) and of a signature (86); above: 400. */
  public static final int PROOF_LENGTH_MAX = 200;

  /** Seconds between two messages of a node that name the people connected to its rooms. */
  public static final int ATTENDANCE_REPEAT_SECONDS = 10;

  /**
   * Seconds after which a connection of another node counts as ended if that node does not repeat
   * it.
   */
  public static final int ATTENDANCE_EXPIRY_SECONDS = 35;

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

  /**
   * Size of all images in the file of an exported room; above: the export names the others without
   * their bytes, and an import is refused with 422.
   */
  public static final int FILE_IMAGES_BYTES_MAX = 20 * MIB;

  /** Images in the file of a room; above: 422. A room has at most as many. */
  public static final int FILE_IMAGES_MAX = 1_000;

  /**
   * Size of the file of a room with its images, which are a third larger in JSON; above: 413. The
   * file without its images has a limit of its own, see {@link ServiceLimits.Imports}.
   */
  public static final int FILE_BYTES_MAX = 32 * MIB;

  /** Earlier stacks in the list of a room's history; above: the oldest are left out. */
  public static final int HISTORY_STATES_MAX = 500;

  /** Histories of rooms that are read at the same time in the process; above: 503. */
  public static final int HISTORIES_READ_MAX = 2;

  /** Duration of one write to an event stream; then: the stream ends. */
  public static final int EVENT_WRITE_SECONDS_MAX = 10;

  /** Time to resume an event stream with its ticket after its connection ended; then: 401. */
  public static final int EVENT_RESUME_SECONDS_MAX = 600;

  /** Lifetime of a stream's ticket since its first use; then: 401. */
  public static final int EVENT_TICKET_SECONDS_MAX = 86_400;

  /**
   * Tickets of event streams that can be resumed; above: the oldest ticket without a connection is
   * dropped.
   */
  public static final int EVENT_TICKETS_MAX = 20_000;

  /** Wait of a request for a room, which may have to load the room and commit; then: 503. */
  public static final int ROOM_ANSWER_SECONDS_MAX = 20;

  // JSON sockets of rooms.

  /** Time between two deltas of a room; changes within this time become one delta. */
  public static final int DELTA_MILLIS_MIN = 16;

  /** Size of a message from a program; above: the socket is closed with 1009. */
  public static final int JSON_MESSAGE_BYTES_MAX = 256 * KIB;

  /** Commands of one socket without their answer; above: the socket is not read. */
  public static final int JSON_COMMANDS_WAITING_MAX = 32;

  /** JSON sockets of the server, also before authentication; above: 503. */
  public static final int JSON_SOCKETS_MAX = 2_000;

  /** JSON sockets of one address, also before authentication; above: 429. */
  public static final int JSON_SOCKETS_PER_ADDRESS_MAX = 100;

  /** JSON sockets of one room; above: 503. */
  public static final int JSON_SOCKETS_PER_ROOM_MAX = 200;

  /** Messages of one socket that are no commands, in any second; above: an error, once a second. */
  public static final int JSON_MESSAGES_PER_SECOND_MAX = 60;

  /** Malformed messages of one socket; above: the socket is closed with 1008. */
  public static final int JSON_MALFORMED_MAX = 50;

  /**
   * Bytes that wait for a slow reader; above: it gets no deltas until it has read all, and then the
   * whole state.
   */
  public static final int JSON_WAITING_BYTES_MAX = MIB;

  /** Messages that wait for a slow reader; above: as for the bytes. */
  public static final int JSON_WAITING_MESSAGES_MAX = 256;

  /** Time for a slow reader to read all that waits; then: the socket is closed with 1013. */
  public static final int JSON_BEHIND_SECONDS_MAX = 30;

  /** Browsers of a room whose presence programs get; above: the others are left out. */
  public static final int JSON_PEERS_MAX = 2_000;

  /** Windows in each list of {@code state_delta} from a program; above: 400. */
  public static final int DELTA_WINDOWS_MAX = 100;

  /** Characters of a command's id; above: an error. */
  public static final int COMMAND_ID_LENGTH_MAX = 64;

  // The admin API.

  /** Rooms in one answer; above: 400. Each of these rooms is queried. */
  public static final int ADMIN_PAGE_MAX = 500;

  /** Heads listed of a document; above: the answer has only the number of all heads. */
  public static final int ADMIN_HEADS_MAX = 100;

  /** Quarantined and suspected documents listed in one answer; above: the others are omitted. */
  public static final int ADMIN_NAMES_MAX = 1_000;

  /** Time for all rooms of one answer together; then: the remaining rooms are shown as busy. */
  public static final int ADMIN_ANSWER_MILLIS_MAX = 2_000;

  /** Duration of one write of a backup to its client; then: the backup ends, incomplete. */
  public static final int BACKUP_WRITE_SECONDS_MAX = 60;

  /** Wait for a compaction; then: 202, and the compaction continues. */
  public static final int ADMIN_COMPACTION_MILLIS_MAX = 30_000;

  // Several nodes.

  /** Wait of a request for a reply of the cluster; then: 503. */
  public static final int CLUSTER_WAIT_MILLIS_MAX = 5_000;

  /**
   * Reads of the cluster in a second, of each node, for records that it does not know; above: the
   * node answers from what it knows.
   */
  public static final int FRESH_READS_PER_SECOND_MAX = 200;

  /** Such reads at the same time, of each node; above: as for the reads in a second. */
  public static final int FRESH_READS_CONCURRENT_MAX = 64;

  /**
   * Lifetime of a room's lock for decisions about its people in a cluster. A node that dies in the
   * middle of a decision leaves the lock; until then others get 503. Longer than a write may take.
   */
  public static final int DECISION_LOCK_SECONDS = 60;

  /**
   * Difference of the clocks of two nodes up to which a nonce is accepted only once; above: the
   * slower node may accept a nonce again whose use was forgotten.
   */
  public static final int CLOCK_DIFFERENCE_SECONDS_MAX = 120;

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
   * Ended links of each role whose keys are recognized; above: the key of the oldest is refused
   * like a wrong key.
   */
  public static final int ENDED_LINKS_MAX = 16;

  /** Bytes of a room secret's salt; below: 400. */
  public static final int SECRET_SALT_BYTES_MIN = 16;

  /** Bytes of a room secret's salt; above: 400. */
  public static final int SECRET_SALT_BYTES_MAX = 64;

  /** PBKDF2 iterations for a room's secret; below: 400. */
  public static final int SECRET_ITERATIONS_MIN = 100_000;

  /** PBKDF2 iterations for a room's secret, computed in every browser; above: 400. */
  public static final int SECRET_ITERATIONS_MAX = 10_000_000;

  // Rooms open on the server.

  /** Tasks waiting for one room; above: 503. */
  public static final int ROOM_TASKS_MAX = 10_000;

  /** Changes from the relay that are applied one at a time; above: all are applied together. */
  public static final int CHANGES_APPLIED_SINGLY_MAX = 64;

  /** Changes kept to detect writes to map keys; above: such writes are assumed. */
  public static final int ATTRIBUTION_CHANGES_MAX = 64;

  /**
   * Overwritten texts of one room that are watched for later letters; above: the least recently
   * changed text is no longer watched, unless the room has a record of it.
   */
  public static final int REPLACED_TEXTS_MAX = 1_000;

  /**
   * Truncated texts reported in one pass over the room; above: the others are listed only in the
   * room's problems.
   */
  public static final int TRUNCATED_TEXTS_REPORTED_MAX = 8;

  /** Authors named in one report of truncated texts; above: the others are omitted. */
  public static final int TRUNCATION_AUTHORS_MAX = 8;

  // Generation.

  /** Characters of an answer in one ephemeral message; above: the text is split. */
  public static final int DELTA_CHARACTERS_MAX = 2_000;

  /** Consecutive readings of the document; above: the next change starts another reading. */
  public static final int GENERATION_READS_MAX = 4;

  /**
   * Commands of a room's queue that are recognized when repeated; above: the oldest is forgotten.
   */
  public static final int COMMANDS_KNOWN_MAX = 1_000;

  /** Requests kept while another node decides; above: the oldest is forgotten. */
  public static final int FOLLOWER_REQUESTS_MAX = 256;

  /**
   * Time for which a node waits until another node has decided a request of its caller; then: the
   * caller gets the answer that the document suggests.
   */
  public static final int FOLLOWER_ANSWER_MILLIS_MAX = 5_000;

  /**
   * Parts of an answer that arrived from another node before the start of the run; above: the
   * oldest is not an event of this node.
   */
  public static final int EARLY_DELTAS_MAX = 256;

  // The store and the process.

  /**
   * Time for running answers to end with their text so far when the server stops; then: the next
   * start of the server ends them.
   */
  public static final int STOP_RUNS_MILLIS_MAX = 2_000;

  // Settings.

  /** Characters of {@code PARLOR_ADMIN_TOKEN}; below: no start, since it could be guessed. */
  public static final int ADMIN_TOKEN_LENGTH_MIN = 16;

  /** Value of {@code PARLOR_LLM_CONTEXT}; above: no start. */
  public static final int MODEL_CONTEXT_TOKENS_MAX = 10_000_000;

  /** Value of {@code PARLOR_LLM_MAX_TOKENS}; above: no start. */
  public static final int MODEL_TOKENS_MAX = 10_000_000;

  /** Characters of a model's name in a room's settings; above: no start. */
  public static final int MODEL_NAME_LENGTH_MAX = 256;

  /** Heads that a fork names; above: 400. */
  public static final int FORK_HEADS_MAX = 100;

  // Room files.

  /** Size of a room file; above: the file is not offered, and the reason is told. */
  public static final int ROOM_FILE_BYTES_MAX = 256 * KIB;

  /** Room files in the folder; above: the last by name are not offered, and the reason is told. */
  public static final int ROOM_FILES_MAX = 200;

  /** Nesting in the front matter of a room file; above: the file is not offered. */
  public static final int ROOM_FILE_DEPTH_MAX = 6;

  /** Cards in a room file; above: the file is not offered. */
  public static final int ROOM_FILE_CARDS_MAX = 100;

  /** Windows in a room file; above: the file is not offered. */
  public static final int ROOM_FILE_WINDOWS_MAX = 50;

  /** Faults that are told of one room file; above: the first by line are told. */
  public static final int ROOM_FILE_PROBLEMS_MAX = 20;

  /** Time between two looks at the folder of room files. */
  public static final long ROOM_FILES_LOOK_MILLIS = 1_000;

  /** Time for which a room file must not have changed; until then its former content counts. */
  public static final long ROOM_FILE_SETTLE_MILLIS = 1_000;

  /** Value of {@code Retry-After} while the cluster does not answer. */
  public static final int AWAY_RETRY_SECONDS = 5;

  private FixedServiceLimits() {}
}
