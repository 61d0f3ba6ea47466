package dev.parlor.room.schema;

/**
 * A key that ends with the identity of its author, as in {@code comments}, {@code reactions} and
 * {@code edits}. Only that identity may write the value, so a reader takes the author from the key.
 * The parts of a key are separated by {@code |}; the identity is the last part and may contain the
 * separator.
 */
public final class OwnKey {
  private static final char SEPARATOR = '|';

  private OwnKey() {}

  /** A key of its parts. Only the last part may contain the separator. */
  public static String of(String... parts) {
    return String.join("|", parts);
  }

  /**
   * The author in a key; empty if the key has fewer parts.
   *
   * @param before the number of parts before the author
   */
  public static String author(String key, int before) {
    var at = end(key, before);
    return at < 0 ? "" : key.substring(at + 1);
  }

  /** A part before the author, from 0; empty if there is none. */
  static String part(String key, int index) {
    var end = end(key, index + 1);
    return end < 0 ? "" : key.substring(index == 0 ? 0 : end(key, index) + 1, end);
  }

  /** The position of a separator, the first one for 1; -1 if there are fewer. */
  private static int end(String key, int count) {
    var at = -1;
    for (var i = 0; i < count; i++) {
      at = key.indexOf(SEPARATOR, at + 1);
      if (at < 0) {
        return -1;
      }
    }
    return at;
  }
}
