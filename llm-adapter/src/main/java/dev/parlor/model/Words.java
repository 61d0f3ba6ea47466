package dev.parlor.model;

/** Makes a provider's text safe to show and to store: one line without half characters. */
final class Words {
  /** Maximum length of the line in UTF-16 units. A longer line is cut and ends with an ellipsis. */
  private static final int LENGTH_MAX = 300;

  private Words() {}

  /** One line of at most 300 UTF-16 units, without half characters and control characters. */
  static String line(String message) {
    StringBuilder line = new StringBuilder();
    message
        .codePoints()
        .map(c -> c >= Character.MIN_SURROGATE && c <= Character.MAX_SURROGATE ? 0xfffd : c)
        .forEach(line::appendCodePoint);
    String text =
        line.toString().replaceAll("[\\p{Cntrl}\\u0080-\\u009f\\u2028\\u2029]+", " ").strip();
    if (text.length() <= LENGTH_MAX) {
      return text;
    }
    int end = LENGTH_MAX - 1;
    return text.substring(0, Character.isHighSurrogate(text.charAt(end - 1)) ? end - 1 : end) + "…";
  }
}
