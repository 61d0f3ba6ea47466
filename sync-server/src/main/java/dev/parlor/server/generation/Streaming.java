package dev.parlor.server.generation;

import dev.parlor.crdt.identity.Texts;

/**
 * Text on its way from the model: a part that was not told yet and a part that is not in the
 * document yet. This is the border where a model's text is made well-formed: the first half of a
 * character is held back until the next piece, and each half that stays alone becomes U+FFFD.
 */
final class Streaming {
  private final StringBuilder untold = new StringBuilder();
  private final StringBuilder unwritten = new StringBuilder();
  private String half = "";
  private int told;
  private int length;
  private boolean hasWords;

  void add(String text) {
    String all = half + text;
    int end = all.length();
    if (end > 0 && Character.isHighSurrogate(all.charAt(end - 1))) {
      end--;
    }
    half = all.substring(end);
    take(Texts.wellFormed(all.substring(0, end)));
  }

  /** The model says no more: a half that is still held back stays alone. */
  void finish() {
    take(Texts.wellFormed(half));
    half = "";
  }

  private void take(String text) {
    untold.append(text);
    unwritten.append(text);
    length += text.length();
    hasWords = hasWords || !text.isBlank();
  }

  /** Whether anything but blanks came. */
  boolean hasWords() {
    return hasWords;
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
    String text = take(untold);
    told += text.length();
    return text;
  }

  String takeUnwritten() {
    return take(unwritten);
  }

  private static String take(StringBuilder from) {
    String text = from.toString();
    from.setLength(0);
    return text;
  }
}
