package dev.parlor.crdt.room;

/**
 * How long things in a room may be, in UTF-16 units where not said otherwise. HTTP refuses what is
 * longer; what arrives longer through sync is shown cut and listed as a problem.
 */
public final class RoomLimits {

  public static final int NAME_LENGTH_MAX = 80;
  public static final int TITLE_LENGTH_MAX = 200;
  public static final int CARD_LENGTH_MAX = 4_000;
  public static final int CHAT_LENGTH_MAX = 8_000;
  public static final int QUERY_LENGTH_MAX = 16_000;
  public static final int SYSTEM_PROMPT_LENGTH_MAX = 16_000;
  public static final int NOTE_LENGTH_MAX = 200_000;

  /** Ids, colours, positions and other short scalars. */
  public static final int SHORT_LENGTH_MAX = 256;

  /** The folded stack of one request; a longer one is refused. */
  public static final int PROMPT_LENGTH_MAX = 300_000;

  /**
   * A run's prompt and each of its chunks. Any such text fits into one scalar string, which has at
   * most 1 MiB of UTF-8.
   */
  public static final int RESULT_LENGTH_MAX = 340_000;

  /** Greatest number that a token-limit card may name. */
  public static final int TOKENS_MAX = 100_000;

  public static final int PLAYERS_DEFAULT = 10;
  public static final int PLAYERS_MAX = 500;

  /**
   * Greatest integer that is read: the greatest that JavaScript reads exactly, and that the
   * document can hold. A larger one counts as damaged.
   */
  public static final long INTEGER_MAX = (1L << 53) - 1;

  /**
   * Characters of earlier questions and answers that go with a question. Above: the oldest pairs
   * are left out, and preview and result count them. Fits the longest answer of this server.
   */
  public static final int PATH_LENGTH_MAX = 400_000;

  /** Cards named by one request; more are refused. */
  public static final int REQUEST_CARDS_MAX = 500;

  /** A request older than this when the server sees it is refused as stale. */
  public static final long REQUEST_AGE_MILLIS_MAX = 600_000;

  /** Problems listed per view; further ones are counted in the last entry. */
  public static final int PROBLEMS_MAX = 100;

  private RoomLimits() {}
}
