package dev.parlor.crdt.identity;

/**
 * Keeps texts free of lone surrogates. A lone surrogate cannot be written as UTF-8, so each store
 * and protocol would replace it in a different way.
 */
public final class Texts {
  private static final char REPLACEMENT = '\ufffd';

  private Texts() {}

  /** Whether every surrogate is part of a pair. */
  public static boolean isWellFormed(String text) {
    for (int i = 0; i < text.length(); i++) {
      if (Character.isSurrogate(text.charAt(i))) {
        if (!isPairAt(text, i)) {
          return false;
        }
        i++;
      }
    }
    return true;
  }

  /** The same text with U+FFFD instead of each lone surrogate; the length stays the same. */
  public static String wellFormed(String text) {
    if (isWellFormed(text)) {
      return text;
    }
    StringBuilder wellFormed = new StringBuilder(text.length());
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      if (!Character.isSurrogate(c)) {
        wellFormed.append(c);
      } else if (isPairAt(text, i)) {
        wellFormed.append(c).append(text.charAt(++i));
      } else {
        wellFormed.append(REPLACEMENT);
      }
    }
    return wellFormed.toString();
  }

  private static boolean isPairAt(String text, int i) {
    return i + 1 < text.length() && Character.isSurrogatePair(text.charAt(i), text.charAt(i + 1));
  }

  /** The first {@code lengthMax} UTF-16 units of a text, or one less to keep a pair together. */
  public static String cut(String text, int lengthMax) {
    return text.substring(0, cutAt(text, lengthMax));
  }

  /** A text of at most {@code lengthMax} UTF-16 units; a shortened text ends with an ellipsis. */
  public static String shortened(String text, int lengthMax) {
    return text.length() <= lengthMax ? text : cut(text, lengthMax - 1) + "…";
  }

  /** The index where {@link #cut} cuts: at most {@code lengthMax}, never within a pair. */
  public static int cutAt(String text, int lengthMax) {
    if (text.length() <= lengthMax) {
      return text.length();
    }
    boolean isWithinPair =
        lengthMax > 0
            && Character.isSurrogatePair(text.charAt(lengthMax - 1), text.charAt(lengthMax));
    return isWithinPair ? lengthMax - 1 : lengthMax;
  }
}
