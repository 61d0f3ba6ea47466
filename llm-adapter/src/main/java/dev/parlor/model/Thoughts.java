package dev.parlor.model;

import java.util.List;

/**
 * Separates an answer's words from thoughts in its text. Some endpoints send thoughts at the
 * beginning of the text, between {@code <think>} and {@code </think>} (or {@code <thinking>}).
 * Reads each piece once. Used by one thread.
 */
final class Thoughts {
  private static final List<String> OPENINGS = List.of("<think>", "<thinking>");
  private static final List<String> ENDS = List.of("</think>", "</thinking>");
  private static final int TAG_LENGTH_MAX = 11;

  private enum Where {
    BEFORE,
    WITHIN,
    WORDS
  }

  /**
   * Received text that is not classified yet. Within thoughts, only the end of it that may begin a
   * tag.
   */
  private final StringBuilder open = new StringBuilder();

  private Where where = Where.BEFORE;
  private boolean found;

  void add(String text) {
    if (where == Where.WORDS) {
      return;
    }
    open.append(text);
    boolean moved = true;
    while (moved) {
      moved =
          switch (where) {
            case BEFORE -> begin();
            case WITHIN -> leave();
            case WORDS -> false;
          };
    }
  }

  private boolean begin() {
    String text = open.toString().stripLeading();
    open.setLength(0);
    open.append(text);
    for (String tag : OPENINGS) {
      if (text.startsWith(tag)) {
        open.delete(0, tag.length());
        where = Where.WITHIN;
        found = true;
        return true;
      }
    }
    if (!text.isEmpty() && OPENINGS.stream().noneMatch(tag -> tag.startsWith(text))) {
      where = Where.WORDS;
      open.setLength(0);
    }
    return false;
  }

  private boolean leave() {
    for (String tag : ENDS) {
      int at = open.indexOf(tag);
      if (at >= 0) {
        open.delete(0, at + tag.length());
        where = Where.BEFORE;
        return true;
      }
    }
    open.delete(0, Math.max(0, open.length() - TAG_LENGTH_MAX));
    return false;
  }

  /** Whether the answer has words other than thoughts. */
  boolean hasWords() {
    return where == Where.WORDS || (where == Where.BEFORE && !open.toString().isBlank());
  }

  /** Whether the answer has thoughts. */
  boolean found() {
    return found;
  }
}
