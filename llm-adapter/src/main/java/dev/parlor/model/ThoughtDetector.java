package dev.parlor.model;

import java.util.List;

/**
 * Detects whether the text of an answer has thoughts, and whether it has other text. Some endpoints
 * send thoughts at the beginning of the text, between {@code <think>} and {@code </think>} (or
 * {@code <thinking>}). Some omit the opening tag. Used by one thread.
 */
final class ThoughtDetector {
  private static final List<String> OPENING_TAGS = List.of("<think>", "<thinking>");
  private static final List<String> CLOSING_TAGS = List.of("</think>", "</thinking>");
  private static final int TAG_LENGTH_MAX = 11;

  private enum Section {
    BEFORE_ANSWER,
    THOUGHTS,
    ANSWER
  }

  /**
   * Received text that is not classified yet. Inside thoughts, it is only the last characters,
   * which may be the beginning of a tag.
   */
  private final StringBuilder unclassified = new StringBuilder();

  /** The last characters of the answer, which may be the beginning of a closing tag. */
  private final StringBuilder answerTail = new StringBuilder();

  private Section section = Section.BEFORE_ANSWER;
  private boolean foundOpeningTag;
  private boolean foundUnopenedThoughts;
  private boolean hasTextAfterClosingTag;

  void add(String text) {
    if (section == Section.ANSWER) {
      findUnopenedThoughts(text);
      return;
    }
    unclassified.append(text);
    boolean changedSection = true;
    while (changedSection) {
      changedSection =
          switch (section) {
            case BEFORE_ANSWER -> readBeginning();
            case THOUGHTS -> readThoughts();
            case ANSWER -> false;
          };
    }
  }

  private boolean readBeginning() {
    String text = unclassified.toString().stripLeading();
    unclassified.setLength(0);
    unclassified.append(text);
    for (String tag : OPENING_TAGS) {
      if (text.startsWith(tag)) {
        unclassified.delete(0, tag.length());
        section = Section.THOUGHTS;
        foundOpeningTag = true;
        return true;
      }
    }
    if (!text.isEmpty() && OPENING_TAGS.stream().noneMatch(tag -> tag.startsWith(text))) {
      section = Section.ANSWER;
      unclassified.setLength(0);
      findUnopenedThoughts(text);
    }
    return false;
  }

  /** Finds a closing tag in the answer: the text before it was thoughts without an opening tag. */
  private void findUnopenedThoughts(String text) {
    answerTail.append(text);
    int end = -1;
    for (String tag : CLOSING_TAGS) {
      int at = answerTail.lastIndexOf(tag);
      end = at < 0 ? end : Math.max(end, at + tag.length());
    }
    if (end >= 0) {
      foundUnopenedThoughts = true;
      answerTail.delete(0, end);
      hasTextAfterClosingTag = false;
    }
    hasTextAfterClosingTag |= foundUnopenedThoughts && !answerTail.toString().isBlank();
    answerTail.delete(0, Math.max(0, answerTail.length() - TAG_LENGTH_MAX));
  }

  private boolean readThoughts() {
    for (String tag : CLOSING_TAGS) {
      int at = unclassified.indexOf(tag);
      if (at >= 0) {
        unclassified.delete(0, at + tag.length());
        section = Section.BEFORE_ANSWER;
        return true;
      }
    }
    unclassified.delete(0, Math.max(0, unclassified.length() - TAG_LENGTH_MAX));
    return false;
  }

  /** Whether the answer has text other than thoughts. */
  boolean hasAnswerText() {
    return switch (section) {
      case ANSWER -> !foundUnopenedThoughts || hasTextAfterClosingTag;
      case BEFORE_ANSWER -> !unclassified.toString().isBlank();
      case THOUGHTS -> false;
    };
  }

  /** Whether the answer has thoughts. */
  boolean hasThoughts() {
    return foundOpeningTag || foundUnopenedThoughts;
  }
}
