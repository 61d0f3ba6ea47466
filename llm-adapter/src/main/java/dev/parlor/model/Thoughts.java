package dev.parlor.model;

import java.util.List;

/**
 * Separates an answer's words from thoughts in its text. Some endpoints send thoughts at the
 * beginning of the text, between {@code <think>} and {@code </think>} (or {@code <thinking>}). Some
 * leave out the opening tag. Reads each piece once. Used by one thread.
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

  /** The end of the words, in which a closing tag without an opening one may begin. */
  private final StringBuilder tail = new StringBuilder();

  private Where where = Where.BEFORE;
  private boolean found;
  private boolean closedOnly;
  private boolean wordsAfterClosing;

  void add(String text) {
    if (where == Where.WORDS) {
      watchForClosing(text);
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
      watchForClosing(text);
    }
    return false;
  }

  /** Everything before a closing tag without an opening one was thoughts. */
  private void watchForClosing(String text) {
    tail.append(text);
    int end = -1;
    for (String tag : ENDS) {
      int at = tail.lastIndexOf(tag);
      end = at < 0 ? end : Math.max(end, at + tag.length());
    }
    if (end >= 0) {
      closedOnly = true;
      tail.delete(0, end);
      wordsAfterClosing = false;
    }
    wordsAfterClosing |= closedOnly && !tail.toString().isBlank();
    tail.delete(0, Math.max(0, tail.length() - TAG_LENGTH_MAX));
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
    return where == Where.WORDS
        ? !closedOnly || wordsAfterClosing
        : where == Where.BEFORE && !open.toString().isBlank();
  }

  /** Whether the answer has thoughts. */
  boolean found() {
    return found || closedOnly;
  }
}
