package dev.parlor.room.generation;

import dev.parlor.crdt.identity.Texts;

/**
 * The text of a running answer. It tracks the part that was not broadcast yet and the part that was
 * not written to the document yet. It also makes the text well-formed: it holds back the first half
 * of a surrogate pair until the next piece, and replaces each unpaired half with U+FFFD.
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

  /** The answer is complete: a held-back half is unpaired. */
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

  /** True if the text is not blank. */
  boolean hasWords() {
    return hasWords;
  }

  /** UTF-16 units in total. */
  int length() {
    return length;
  }

  /** UTF-16 units that were broadcast. */
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
