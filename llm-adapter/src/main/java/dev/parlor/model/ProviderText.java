package dev.parlor.model;

/** Makes a provider's text safe to show and to store. */
final class ProviderText {
  /** Maximum length of the line in UTF-16 units. A longer line is cut and ends with an ellipsis. */
  private static final int LENGTH_MAX = 300;

  private ProviderText() {}

  /**
   * Converts a text to one line of at most {@value #LENGTH_MAX} UTF-16 units. Replaces lone
   * surrogates and control characters.
   */
  static String singleLine(String message) {
    StringBuilder wellFormed = new StringBuilder();
    message
        .codePoints()
        .map(c -> c >= Character.MIN_SURROGATE && c <= Character.MAX_SURROGATE ? 0xfffd : c)
        .forEach(wellFormed::appendCodePoint);
    String text =
        wellFormed.toString().replaceAll("[\\p{Cntrl}\\u0080-\\u009f\\u2028\\u2029]+", " ").strip();
    if (text.length() <= LENGTH_MAX) {
      return text;
    }
    int end = LENGTH_MAX - 1;
    return text.substring(0, Character.isHighSurrogate(text.charAt(end - 1)) ? end - 1 : end) + "…";
  }
}
