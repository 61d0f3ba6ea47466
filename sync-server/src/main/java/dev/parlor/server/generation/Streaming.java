package dev.parlor.server.generation;

/**
 * Text on its way from the model: a part that was not told yet and a part that is not in the
 * document yet. Never cuts a character in two: a lone first half of a pair waits for the second.
 */
final class Streaming {
  private final StringBuilder untold = new StringBuilder();
  private final StringBuilder unwritten = new StringBuilder();
  private int told;
  private int length;

  void add(String text) {
    untold.append(text);
    unwritten.append(text);
    length += text.length();
  }

  /** UTF-16 units in all. */
  int length() {
    return length;
  }

  /** UTF-16 units that were told. */
  int told() {
    return told;
  }

  int unwritten() {
    return unwritten.length();
  }

  boolean hasUntold() {
    return !untold.isEmpty();
  }

  String takeUntold() {
    String text = take(untold, false);
    told += text.length();
    return text;
  }

  String takeUnwritten(boolean last) {
    return take(unwritten, last);
  }

  private static String take(StringBuilder from, boolean last) {
    int end = from.length();
    if (!last && end > 0 && Character.isHighSurrogate(from.charAt(end - 1))) {
      end--;
    }
    String text = from.substring(0, end);
    from.delete(0, end);
    return text;
  }
}
