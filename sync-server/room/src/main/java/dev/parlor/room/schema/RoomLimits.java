package dev.parlor.room.schema;

/**
 * Limits of the values in a room. Lengths are in UTF-16 units. HTTP refuses longer values. A longer
 * value that arrives through sync is shown truncated and listed as a problem.
 */
public final class RoomLimits {

  public static final int NAME_LENGTH_MAX = 80;
  public static final int TITLE_LENGTH_MAX = 200;
  public static final int CARD_LENGTH_MAX = 4_000;
  public static final int CHAT_LENGTH_MAX = 8_000;
  public static final int COMMENT_LENGTH_MAX = 4_000;

  /** The selected words that a comment keeps; above: the page keeps the beginning. */
  public static final int COMMENT_QUOTE_LENGTH_MAX = 1_000;

  public static final int QUERY_LENGTH_MAX = 16_000;
  public static final int SYSTEM_PROMPT_LENGTH_MAX = 16_000;
  public static final int NOTE_LENGTH_MAX = 200_000;

  /** The description of an image. */
  public static final int ALT_LENGTH_MAX = 500;

  /** Ids, colors, positions and other short scalars. */
  public static final int SHORT_LENGTH_MAX = 256;

  /** The folded stack of one request; above: the request is refused. */
  public static final int PROMPT_LENGTH_MAX = 300_000;

  /**
   * A run's prompt, and each of its chunks. Any such text fits into one scalar string, whose limit
   * is 1 MiB of UTF-8.
   */
  public static final int RESULT_LENGTH_MAX = 340_000;

  /** Largest number on a token-limit card. */
  public static final int TOKENS_MAX = 100_000;

  public static final int PLAYERS_DEFAULT = 10;
  public static final int PLAYERS_MAX = 500;

  /**
   * Largest integer that is read. JavaScript reads it exactly, and the document can hold it. A
   * larger integer counts as damaged.
   */
  public static final long INTEGER_MAX = (1L << 53) - 1;

  /**
   * Length of the earlier questions and answers that are sent with a request; above: the oldest
   * pairs are left out, and preview and result count them. The longest answer of this server fits.
   */
  public static final int PATH_LENGTH_MAX = 400_000;

  /** Cards named by one request; above: the request is refused. */
  public static final int REQUEST_CARDS_MAX = 500;

  /** Attachments of one request; above: the request is refused. */
  public static final int ATTACHMENTS_MAX = 8;

  /**
   * Images of one question with the image cards; above: the request is refused. The images of
   * earlier questions fill the rest of this number, the newest first.
   */
  public static final int IMAGES_MAX = 8;

  /** A quoted text; above: the request is refused. */
  public static final int QUOTE_LENGTH_MAX = 16_000;

  /** All attachments of one request together; above: the request is refused. */
  public static final int ATTACHED_LENGTH_MAX = 100_000;

  /** The beginning of a quoted text that the queue shows. */
  public static final int QUEUED_QUOTE_LENGTH_MAX = 200;

  /** Age of a request when the server reads it; above: its author is asked first [GE14]. */
  public static final long REQUEST_AGE_MILLIS_MAX = 600_000;

  /**
   * Age of a request that has not seen the latest epoch and came without a known connection; above:
   * its author is asked first [GE14].
   */
  public static final long UNSEEN_AGE_MILLIS_MAX = 60_000;

  /** Time for an author to confirm an old request; then: it is refused as expired. */
  public static final long CONFIRM_MILLIS_MAX = 86_400_000;

  /** Duration of a pause of the queue; then: the queue goes on. */
  public static final long PAUSE_MILLIS = 60_000;

  /** Runs at the same time; a higher setting of a room is cut to this. */
  public static final int SLOTS_MAX = 3;

  /** Pixels of a window's place and size; a value beyond this counts as damaged. */
  public static final int COORDINATE_MAX = 1_000_000;

  /** Problems in one view; above: the last entry has the number of further problems. */
  public static final int PROBLEMS_MAX = 100;

  private RoomLimits() {}
}
