package dev.parlor.room.generation;

import dev.parlor.crdt.identity.Texts;

/**
 * The text of a running answer. It tracks the part that was not broadcast yet and the part that was
 * not written to the document yet.
 *
 * <p>It also makes the text well-formed. The first half of a surrogate pair waits for the next
 * piece, and each unpaired half becomes U+FFFD.
 */
final class AnswerText {
  private final StringBuilder notBroadcast = new StringBuilder();
  private final StringBuilder notWritten = new StringBuilder();

  /** A high surrogate at the end of the text so far, or empty. */
  private String pendingHalf = "";

  private int broadcastLength;
  private int length;
  private boolean hasWords;

  void add(String text) {
    String all = pendingHalf + text;
    int end = all.length();
    if (end > 0 && Character.isHighSurrogate(all.charAt(end - 1))) {
      end--;
    }
    pendingHalf = all.substring(end);
    append(Texts.wellFormed(all.substring(0, end)));
  }

  /** Ends the text. A surrogate half that still waits becomes U+FFFD. */
  void finish() {
    append(Texts.wellFormed(pendingHalf));
    pendingHalf = "";
  }

  private void append(String text) {
    notBroadcast.append(text);
    notWritten.append(text);
    length += text.length();
    hasWords = hasWords || !text.isBlank();
  }

  /** Whether the text is not blank. */
  boolean hasWords() {
    return hasWords;
  }

  /** UTF-16 units in total. */
  int length() {
    return length;
  }

  /** UTF-16 units that were broadcast. */
  int broadcastLength() {
    return broadcastLength;
  }

  /** UTF-16 units that were not written to the document yet. */
  int notWrittenLength() {
    return notWritten.length();
  }

  /** Returns the text that was not broadcast yet, and counts it as broadcast. */
  String takeNotBroadcast() {
    String text = drain(notBroadcast);
    broadcastLength += text.length();
    return text;
  }

  /** Returns the text that was not written yet, and counts it as written. */
  String takeNotWritten() {
    return drain(notWritten);
  }

  private static String drain(StringBuilder from) {
    String text = from.toString();
    from.setLength(0);
    return text;
  }
}
