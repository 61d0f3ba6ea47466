package dev.parlor.server.config;

/**
 * The limits that are the same on every server and in every test, beside {@link Limits}, whose
 * values can be others; the unit stands in each name, and beside each stands what happens at it.
 * Sizes that a format has (headers, checksums, keys) are where the format is written.
 */
public final class FixedLimits {

  private static final int KIB = 1024;
  private static final int MIB = 1024 * KIB;

  // Requests over HTTP.

  /** All headers of one request; above: 400. */
  public static final int HEADERS_BYTES_MAX = 16 * KIB;

  /** Objects and lists inside each other in a body, where one is what we need; above: 400. */
  public static final int JSON_DEPTH_MAX = 16;

  /** Characters of a key in JSON that becomes values of a document; above: 400. */
  public static final int JSON_KEY_LENGTH_MAX = 256;

  /** Callers whose pace is remembered, for each rate; above: who was still for longest is not. */
  public static final int RATE_KEYS_MAX = 20_000;

  /** Characters of an {@code Idempotency-Key}; above: 400. */
  public static final int IDEMPOTENCY_KEY_LENGTH_MAX = 255;

  /**
   * Characters of an {@code Idempotency-Key} of somebody without a token, since others behind the
   * same address must not guess it; below: 400.
   */
  public static final int IDEMPOTENCY_KEY_LENGTH_MIN_ANONYMOUS = 16;

  /** One answer that is remembered for its {@code Idempotency-Key}; above: it is not. */
  public static final int IDEMPOTENCY_REPLY_BYTES_MAX = 256 * KIB;

  /** All answers that are remembered; above: the oldest is forgotten. */
  public static final long IDEMPOTENCY_BYTES_MAX = 32L * MIB;

  /** That a request waits for an earlier one with its key; then: 409. */
  public static final int IDEMPOTENCY_WAIT_SECONDS_MAX = 10;

  /** Characters of a nonce, where ours have 101, and of a signature (86); above: 400. */
  public static final int PROOF_LENGTH_MAX = 200;

  /** Characters of a room secret's salt, stored key, nonce and proof; above: 400. */
  public static final int SECRET_TEXT_LENGTH_MAX = 200;

  /** Characters of an avatar, an emoji with its modifiers; above: 400. */
  public static final int AVATAR_LENGTH_MAX = 32;

  /** Characters of somebody's colour; above: 400. */
  public static final int COLOR_LENGTH_MAX = 32;

  /** Characters of a room's title in the name of its file; above: cut. */
  public static final int FILE_NAME_LENGTH_MAX = 60;

  /** Characters of a {@code Last-Event-ID}; above: as if there was none. */
  public static final int LAST_EVENT_ID_LENGTH_MAX = 64;

  /** That one write to an event stream may hang; then: the stream ends. */
  public static final int EVENT_WRITE_SECONDS_MAX = 10;

  /** After the end of a stream's connection, to come back with its ticket; then: 401. */
  public static final int EVENT_RETURN_SECONDS_MAX = 600;

  /** Since a stream's ticket was first shown, to come back with it; then: 401. */
  public static final int EVENT_TICKET_SECONDS_MAX = 86_400;

  /** Tickets of streams that may come back; above: the oldest without a connection may not. */
  public static final int EVENT_TICKETS_MAX = 20_000;

  /** That a request waits for a room: loading and a group commit; then: 503. */
  public static final int ROOM_ANSWER_SECONDS_MAX = 20;

  // The admin API.

  /** Rooms in one answer, each of which is asked; above: 400. */
  public static final int ADMIN_PAGE_MAX = 500;

  /** Heads shown of a document; above: only their number tells of the rest. */
  public static final int ADMIN_HEADS_MAX = 100;

  /** Quarantined and suspected documents named in one answer; above: the others are not. */
  public static final int ADMIN_NAMES_MAX = 1_000;

  /** That all rooms of one answer have together; then: the rest are shown as busy. */
  public static final int ADMIN_ANSWER_MILLIS_MAX = 2_000;

  /** That a compaction is waited for; then: 202, and it goes on. */
  public static final int ADMIN_COMPACTION_MILLIS_MAX = 30_000;

  // Who somebody is.

  /** Characters of an identity's token, where ours have 69; above: it is nobody's. */
  public static final int IDENTITY_TOKEN_LENGTH_MAX = 128;

  /** Characters of a session's token; above: it is no session's. */
  public static final int SESSION_TOKEN_LENGTH_MAX = 256;

  /** Characters of a room's slug that are looked up; above: there is no such room. */
  public static final int SLUG_LENGTH_MAX = 64;

  /** Characters of a recovery key as it is shown to the server; above: 400. */
  public static final int RECOVERY_KEY_LENGTH_MAX = 100;

  /** Links of one role that have ended and are still told from nonsense; above: the oldest not. */
  public static final int ENDED_LINKS_MAX = 16;

  /** Of a room secret's salt; below: 400. */
  public static final int SECRET_SALT_BYTES_MIN = 16;

  /** Of a room secret's salt; above: 400. */
  public static final int SECRET_SALT_BYTES_MAX = 64;

  /** Rounds in which a room's secret is hashed; below: 400. */
  public static final int SECRET_ITERATIONS_MIN = 100_000;

  /** Rounds in which a room's secret is hashed, in each visitor's browser; above: 400. */
  public static final int SECRET_ITERATIONS_MAX = 10_000_000;

  /** Characters of a JWT; above: 401. */
  public static final int JWT_LENGTH_MAX = 8 * KIB;

  /** Of an RSA key's modulus; below: the key is not used. */
  public static final int JWT_RSA_BITS_MIN = 2_048;

  /** Keys tried for one JWT that names none; above: 401. */
  public static final int JWT_KEYS_TRIED_MAX = 8;

  /** That the issuer's clock may be off; more: 401. */
  public static final int JWT_SKEW_SECONDS_MAX = 60;

  /** To reach the URL of the key set; then: it does not answer. */
  public static final int JWKS_CONNECT_MILLIS_MAX = 2_000;

  /** Between two pieces of the key set; then: the URL does not answer. */
  public static final int JWKS_READ_MILLIS_MAX = 2_000;

  /** Of the key set; above: the URL does not answer. */
  public static final int JWKS_BYTES_MAX = 256 * KIB;

  /** That a key set is kept; then: it is fetched again. */
  public static final int JWKS_KEPT_MILLIS_MAX = 300_000;

  /** That one waits for another's fetching of the key set; then: 503. */
  public static final int JWKS_REFRESH_MILLIS_MAX = 5_000;

  /** That a key set is used whose URL does not answer any more; then: 503. */
  public static final int JWKS_OUTAGE_MILLIS_MAX = 3_600_000;

  // The relay.

  /** Waiting in one room's mailbox, as its messages weigh; above: it is full. */
  public static final long MAILBOX_BYTES_MAX = 64L * MIB;

  /**
   * Operations that a message's changes claim and that are counted for the sender's pace; above:
   * they count as so many, and are refused anyhow.
   */
  public static final long CLAIMED_OPERATIONS_MAX = 2L * MIB;

  /**
   * Documents of one connection in which changes were refused; above: the connection is closed with
   * the code of the refusal.
   */
  public static final int REFUSED_DOCUMENTS_MAX = 100;

  /**
   * Refused changes of one connection in one document; above: what it brings of that document is
   * dropped without being read. Changes that follow a refused one do not count.
   */
  public static final int REFUSED_CHANGES_MAX = 256;

  /**
   * Hashes kept of those changes and of changes that follow them, for each connection and document;
   * above: the one that was not used for longest is forgotten, and what follows it waits as a
   * change that lacks a dependency does [SY7].
   */
  public static final int REFUSED_HASHES_MAX = 512;

  /** Refusals that one connection is told of in one document; above: they are counted only. */
  public static final int REFUSALS_TOLD_MAX = 16;

  /**
   * Bytes that each change of a message but the first counts as, beside its own and its operations,
   * for the room's mailbox and the sender's pace: about the memory of its fields once it is read.
   */
  public static final int CHANGE_MEMORY_BYTES = 256;

  /** That a peer is held back for the disk; then: its further messages are put off. */
  public static final int HELD_MILLIS_MAX = 250;

  /** Messages of one peer that are put off; above: its session is closed with 1013. */
  public static final int PUT_OFF_MESSAGES_MAX = 1_024;

  /**
   * That who asks for an unknown document waits when nobody has announced it, since two clients
   * that make and ask at the same moment arrive in either order; then: {@code doc-unavailable}.
   */
  public static final int ASKER_MILLIS_MAX = 100;

  /** Until changes that did not reach the disk are tried again, twice as long each time. */
  public static final int COMMIT_RETRY_MILLIS_MIN = 100;

  /** Between two such tries. */
  public static final int COMMIT_RETRY_MILLIS_MAX = 5_000;

  /** Heads of other nodes that are missing here and kept in mind; above: found when these came. */
  public static final int NODES_WANTED_MAX = 256;

  /** Changes of other nodes that were refused here and are known again; above: asked for again. */
  public static final int NODES_REFUSED_MAX = 1_024;

  /** Ephemeral sessions of other nodes' clients [EP2]; above: the oldest is forgotten. */
  public static final int NODES_SESSIONS_MAX = 4_096;

  /**
   * Between two looks whether the heap is full; documents are closed at one, counted at the next.
   */
  public static final int RELIEF_LOOK_MILLIS = 3_000;

  /** That a document has to say what it takes while the heap is full; then: it stays. */
  public static final int RELIEF_ANSWER_MILLIS_MAX = 2_000;

  /** Of what all documents take in memory, closed at one look, the largest first. */
  public static final int RELIEF_PERCENT = 20;

  // Sockets.

  /** That a client has to answer our close; then: the socket is broken. */
  public static final int LINGER_MILLIS_MAX = 3_000;

  /** Frames waiting for a socket; from so many on a newer presence replaces its author's older. */
  public static final int PRESSURE_FRAMES = 64;

  /** In {@code Retry-After} of an upgrade that was refused: connections end all the time. */
  public static final int RETRY_SECONDS = 5;

  // Rooms that the server itself has open.

  /** Tasks waiting for one room; above: 503. */
  public static final int ROOM_TASKS_MAX = 10_000;

  /** Changes that are each looked at; above: they are applied as one. */
  public static final int GLANCES_MAX = 64;

  /** Changes whose author is remembered by field; above: any of the authors may have set it. */
  public static final int HANDS_MAX = 64;

  /**
   * Texts of one room that were written over and are watched for later letters; above: the one that
   * changed least recently is not watched any more, unless the room has a record of it.
   */
  public static final int REPLACED_TEXTS_MAX = 1_000;

  /** Texts that are read cut and told at one look; above: the rest is in the room's problems. */
  public static final int CUT_TEXTS_TOLD_MAX = 8;

  /** People named in one such message; above: the others are not. */
  public static final int CUT_TEXTS_NAMED_MAX = 8;

  // Generation.

  /** Characters of an answer in one ephemeral message; above: it goes in parts. */
  public static final int TOLD_CHARACTERS_MAX = 2_000;

  /** Looks at the document in a row; above: the rest at the next change. */
  public static final int GENERATION_LOOKS_MAX = 4;

  /** Requests kept in mind while another node decides; above: the oldest is forgotten. */
  public static final int GLIMPSED_MAX = 256;

  // The store and the process.

  /** The journal under MapDB; above: what is in it goes into the file. */
  public static final long JOURNAL_BYTES_MAX = 32L * MIB;

  /** Unchanged blocks of the file, 4 KiB each, in memory; above: the oldest is forgotten. */
  public static final int CLEAN_BLOCKS_MAX = 1_024;

  /** Until a store whose disk refused a write is tried again. */
  public static final int SHARD_RETRY_SECONDS = 5;

  /** That native code in a process of its own has for one document; then: it is killed. */
  public static final int SNAPSHOT_SECONDS_MAX = 60;

  /** Documents named in one line of the log; above: "and more". */
  public static final int LOGGED_NAMES_MAX = 100;

  /** That running answers have to end with their part at a stop; then: the next start does it. */
  public static final int STOP_RUNS_MILLIS_MAX = 2_000;

  /** That changes on their way have to reach the disk at a stop; then: the log says so. */
  public static final int STOP_FLUSH_MILLIS_MAX = 4_000;

  /** That sockets have to take their close at a stop; then: they are broken. */
  public static final int STOP_SOCKETS_MILLIS_MAX = 2_000;

  // Settings.

  /** Characters of {@code PARLOR_ADMIN_TOKEN}, which could be guessed; below: no start. */
  public static final int ADMIN_TOKEN_LENGTH_MIN = 16;

  /** Blocks in {@code --trusted-proxies}, compared for each request; above: no start. */
  public static final int TRUSTED_PROXIES_MAX = 256;

  /** Shards, each with a thread, three open files and memory of its own; above: no start. */
  public static final int SHARDS_MAX = 64;

  /** That {@code PARLOR_LLM_MAX_TOKENS} may ask for; above: no start. */
  public static final int MODEL_TOKENS_MAX = 10_000_000;

  /** Characters of a model's name, as a room's settings hold it; above: no start. */
  public static final int MODEL_NAME_LENGTH_MAX = 256;

  private FixedLimits() {}
}
