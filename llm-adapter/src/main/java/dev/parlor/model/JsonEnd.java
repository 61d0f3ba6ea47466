package dev.parlor.model;

/** Finds the end of a JSON object in text that arrives in pieces. Used by one thread. */
final class JsonEnd {
  private int depth;
  private boolean inString;
  private boolean afterBackslash;
  private boolean isFound;

  void restart() {
    depth = 0;
    inString = false;
    afterBackslash = false;
    isFound = false;
  }

  /** Whether the text so far has a complete object. */
  boolean isFound() {
    return isFound;
  }

  /**
   * Reads the next piece.
   *
   * @return the index after the object's last character in this piece, or -1 if the object goes on;
   *     after the end, the next piece begins another object
   */
  int find(String piece) {
    for (int i = 0; i < piece.length(); i++) {
      char c = piece.charAt(i);
      if (inString) {
        if (afterBackslash) {
          afterBackslash = false;
        } else if (c == '\\') {
          afterBackslash = true;
        } else if (c == '"') {
          inString = false;
        }
      } else if (c == '"') {
        inString = depth > 0;
      } else if (c == '{') {
        depth++;
      } else if (c == '}' && depth > 0 && --depth == 0) {
        isFound = true;
        return i + 1;
      }
    }
    return -1;
  }
}
