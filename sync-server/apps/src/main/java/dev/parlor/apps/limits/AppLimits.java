package dev.parlor.apps.limits;

/**
 * The limits of apps and contexts that are equal on every server. {@link Quotas} has the limits
 * that an operator can set. Each name carries the unit, and each comment says what happens at the
 * limit.
 */
public final class AppLimits {
  private static final int KIB = 1024;
  private static final int MIB = 1024 * KIB;

  // Messages.

  /** One message over HTTP or a socket; above: {@code too-large}. */
  public static final int MESSAGE_BYTES_MAX = 12 * MIB;

  /**
   * Bodies of HTTP requests that are read or handled at the same time, by their declared length;
   * above: {@code too-many-requests}. A body counts before its user is known.
   */
  public static final long BODIES_BYTES_MAX = 128L * MIB;

  /** Characters of a {@code tid}; above: {@code invalid-request}. */
  public static final int TID_LENGTH_MAX = 128;

  /** Characters of {@code src} and {@code dst}; above: {@code invalid-request}. */
  public static final int PEER_LENGTH_MAX = 512;

  /** Requests of one socket without their answer; then the socket is not read. */
  public static final int IN_FLIGHT_MAX = 64;

  /** Sockets of the API on this server; above: 503. */
  public static final int SOCKETS_MAX = 2_000;

  /** Sockets of the API from one address; above: 429. */
  public static final int SOCKETS_PER_ADDRESS_MAX = 100;

  /** Seconds whose requests may come at once after a pause; then the rate counts. */
  public static final int RATE_BURST_SECONDS = 10;

  /** Users and addresses whose rates are kept; above: the least recently used rate is dropped. */
  public static final int RATE_KEYS_MAX = 20_000;

  /**
   * One message above the rate of its address that is still read, for the {@code tid} of its
   * answer; a larger one gets an answer with an empty {@code tid}.
   */
  public static final int REFUSED_READ_BYTES_MAX = 64 * KIB;

  /** Nested objects and lists in a message; above: {@code invalid-request}. */
  public static final int JSON_DEPTH_MAX = 64;

  // Authentication.

  /** Characters of a token of any type; above: {@code bad-token}. */
  public static final int TOKEN_LENGTH_MAX = 32 * KIB;

  /** Age of a device's token in seconds; older: {@code bad-token}. */
  public static final int DEVICE_TOKEN_SECONDS_MAX = 3_600;

  /** Difference of two clocks in seconds that the dates of a token may show. */
  public static final int CLOCK_SKEW_SECONDS_MAX = 60;

  /** Days for which a new device certificate can be valid; more: the command refuses. */
  public static final int DEVICE_CERTIFICATE_DAYS_MAX = 3_650;

  // Deploys.

  /** Files of a deploy; above: {@code too-large}. */
  public static final int FILES_MAX = 100;

  /** One text file; above: {@code too-large}. */
  public static final int TEXT_BYTES_MAX = MIB;

  /** One binary file; above: {@code too-large}. */
  public static final int BINARY_BYTES_MAX = 4 * MIB;

  /** All files of a deploy; above: {@code too-large}. */
  public static final int DEPLOY_BYTES_MAX = 8 * MIB;

  /** Bytes of a file's name in UTF-8; above: {@code invalid-request}. */
  public static final int FILENAME_BYTES_MAX = 200;

  /** Characters of a mimetype; above: {@code invalid-request}. */
  public static final int MIMETYPE_LENGTH_MAX = 127;

  /** Variables of the environment; above: {@code too-large}. */
  public static final int ENVIRONMENT_MAX = 32;

  /** Characters of a variable's name; above: {@code invalid-request}. */
  public static final int VARIABLE_NAME_LENGTH_MAX = 128;

  /** One value of the environment in UTF-8; above: {@code too-large}. */
  public static final int VARIABLE_BYTES_MAX = 4 * KIB;

  // Transforms. A source is transformed by a child process.

  /** Milliseconds for one source; then the process is killed: {@code transform-failed}. */
  public static final int TRANSFORM_MILLIS_MAX = 5_000;

  /** Address space of one process in KiB; then it ends itself: {@code transform-failed}. */
  public static final int TRANSFORM_ADDRESS_SPACE_KIB_MAX = 2 * MIB;

  /** Memory in MiB at which the process collects its garbage at the cost of time. */
  public static final int TRANSFORM_HEAP_MIB = 256;

  /** JavaScript made from one source; above: {@code transform-failed}. */
  public static final int TRANSFORM_OUTPUT_BYTES_MAX = 4 * MIB;

  /** Error output of a process that is read; further output is dropped. */
  public static final int TRANSFORM_ERRORS_BYTES_MAX = 16 * KIB;

  /** Characters of a compiler's message; a longer message is cut. */
  public static final int TRANSFORM_MESSAGE_LENGTH_MAX = 300;

  /** Processes at once; further sources wait. */
  public static final int TRANSFORMS_MAX = 2;

  /** Of these, processes for a source above {@link #TRANSFORM_LARGE_BYTES}; others wait. */
  public static final int TRANSFORMS_LARGE_MAX = 1;

  /** A source above this size can take seconds, so it may not use every process. */
  public static final int TRANSFORM_LARGE_BYTES = 64 * KIB;

  /** Sources that wait or are transformed; above: {@code unavailable}. */
  public static final int TRANSFORMS_PENDING_MAX = 1_000;

  /** Milliseconds that a source waits for its process; then: {@code unavailable}. */
  public static final int TRANSFORM_WAIT_MILLIS_MAX = 60_000;

  /** Results in memory; above: the least recently used result is evicted. */
  public static final int TRANSFORM_CACHE_BYTES_MAX = 16 * MIB;

  // Imports.

  /** Characters of a specifier that is looked up; the scan skips a longer one. */
  public static final int SPECIFIER_LENGTH_MAX = 200;

  /** Packages and parts of packages that a release imports; above: {@code too-large}. */
  public static final int IMPORTS_MAX = 200;

  // Slugs.

  /** Characters of a slug; outside: {@code app-slug-invalid} or {@code user-slug-invalid}. */
  public static final int SLUG_LENGTH_MIN = 3;

  /** As {@link #SLUG_LENGTH_MIN}; a host name has at most 63 characters before its first dot. */
  public static final int SLUG_LENGTH_MAX = 30;

  /** Slugs drawn until a free slug is found; then: {@code slug-exhausted}. */
  public static final int SLUG_DRAWS_MAX = 5;

  // Authors.

  /** Characters of the author's name on an app's page; above: {@code invalid-request}. */
  public static final int AUTHOR_NAME_LENGTH_MAX = 60;

  // Contexts.

  /** Characters of a chosen context id; outside: {@code invalid-request}. */
  public static final int CONTEXT_ID_LENGTH_MIN = 3;

  /** As {@link #CONTEXT_ID_LENGTH_MIN}. */
  public static final int CONTEXT_ID_LENGTH_MAX = 64;

  /** One section; above: {@code too-large}. */
  public static final int SECTION_BYTES_MAX = 256 * KIB;

  /** Sections of a context; above: {@code too-large}. */
  public static final int CONTEXT_SECTIONS_MAX = 10_000;

  /** All sections of a context; above: {@code too-large}. */
  public static final long CONTEXT_BYTES_MAX = 16L * MIB;

  /** Sections that one read returns; above: the read returns fewer. */
  public static final int SECTIONS_READ_MAX = 200;

  // Serving.

  /** Bytes of files in memory; above: the files that were not requested for longest are removed. */
  public static final long CACHED_BYTES_MAX = 64L * MIB;

  /**
   * Releases that are kept decoded; above: the one that was not requested for longest is dropped.
   */
  public static final int DECODED_RELEASES_MAX = 500;

  /** Bytes of a stored release that is kept decoded; above: it is decoded for each request. */
  public static final int DECODED_RELEASE_BYTES_MAX = 16 * KIB;

  /** Generated pages in memory; above: the one that was not requested for longest is dropped. */
  public static final int GENERATED_PAGES_MAX = 200;

  /** Bytes of a generated page in memory; above: it is generated for each request. */
  public static final int GENERATED_PAGE_BYTES_MAX = 64 * KIB;

  /** Characters of a path in a request for a file; above: 404. */
  public static final int PATH_LENGTH_MAX = 2_048;

  // Contexts in the chats of rooms.

  /**
   * Entries that the programs of one user add to the chat of one room within a minute; above: later
   * sections are stored but not shown in the chat.
   */
  public static final int CHAT_ENTRIES_PER_MINUTE_MAX = 60;

  /** Entries of {@link #CHAT_ENTRIES_PER_MINUTE_MAX} that may come at once. */
  public static final int CHAT_ENTRIES_BURST_MAX = 30;

  /** Rates of {@link #CHAT_ENTRIES_PER_MINUTE_MAX} that are kept; above: the oldest is dropped. */
  public static final int CHAT_RATES_MAX = 10_000;

  // Settings.

  /** All settings of a user; above: {@code too-large}. */
  public static final int SETTINGS_BYTES_MAX = 64 * KIB;

  private AppLimits() {}
}
