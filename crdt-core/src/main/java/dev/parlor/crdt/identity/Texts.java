package dev.parlor.crdt.identity;

/**
 * Text as every store, protocol and file of this project can hold it: whole characters only. Half a
 * surrogate pair has no form in UTF-8, so each part of the server would spell it in a way of its
 * own.
 */
public final class Texts {
  private static final char REPLACEMENT = '\ufffd';

  private Texts() {}

  /** Whether every surrogate stands in a pair. */
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

  /** The same text with U+FFFD in the place of each lone surrogate; its length stays. */
  public static String wellFormed(String text) {
    if (isWellFormed(text)) {
      return text;
    }
    StringBuilder whole = new StringBuilder(text.length());
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      if (!Character.isSurrogate(c)) {
        whole.append(c);
      } else if (isPairAt(text, i)) {
        whole.append(c).append(text.charAt(++i));
      } else {
        whole.append(REPLACEMENT);
      }
    }
    return whole.toString();
  }

  private static boolean isPairAt(String text, int i) {
    return i + 1 < text.length() && Character.isSurrogatePair(text.charAt(i), text.charAt(i + 1));
  }

  /** The beginning of a text, of at most so many UTF-16 units; never ends within a character. */
  public static String cut(String text, int lengthMax) {
    return text.substring(0, cutAt(text, lengthMax));
  }

  /** A text of at most so many UTF-16 units for people; a cut text ends with an ellipsis. */
  public static String shortened(String text, int lengthMax) {
    return text.length() <= lengthMax ? text : cut(text, lengthMax - 1) + "…";
  }

  /** Where {@link #cut} cuts: at most {@code lengthMax}, never between the halves of a pair. */
  public static int cutAt(String text, int lengthMax) {
    if (text.length() <= lengthMax) {
      return text.length();
    }
    boolean within =
        lengthMax > 0
            && Character.isSurrogatePair(text.charAt(lengthMax - 1), text.charAt(lengthMax));
    return within ? lengthMax - 1 : lengthMax;
  }
}
