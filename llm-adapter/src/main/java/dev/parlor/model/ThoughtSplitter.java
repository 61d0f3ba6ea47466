package dev.parlor.model;

import java.util.ArrayList;
import java.util.List;

/**
 * Splits the text of an answer into thoughts and answer while it arrives. Some endpoints send
 * thoughts at the beginning of the text, between tags such as {@code <think>} and {@code </think>}.
 * Some omit the opening tag; then the closing tag shows that the text before it was thoughts. Holds
 * back text that may be part of a tag. Used by one thread.
 */
final class ThoughtSplitter {

  /** A pair of tags around thoughts. */
  private record Tags(String opening, String closing) {}

  private static final List<Tags> TAGS =
      List.of(
          new Tags("<think>", "</think>"),
          new Tags("<thinking>", "</thinking>"),
          new Tags("<thought>", "</thought>"),
          new Tags("<reasoning>", "</reasoning>"),
          new Tags("[THINK]", "[/THINK]"),
          new Tags("\u25c1think\u25b7", "\u25c1/think\u25b7"));

  private static final int TAG_LENGTH_MAX = 12;

  /** A piece of the text. */
  sealed interface Piece {
    record Answer(String text) implements Piece {}

    record Thought(String text) implements Piece {}

    /** All text of the answer so far was thoughts. */
    record AnswerWasThoughts() implements Piece {}
  }

  private enum Section {
    BEFORE_ANSWER,
    THOUGHTS,
    ANSWER
  }

  /** Received text that is not passed on yet. */
  private final StringBuilder held = new StringBuilder();

  /** The last characters of the answer that were passed on, for the context of a tag. */
  private final StringBuilder answerTail = new StringBuilder();

  private Section section = Section.BEFORE_ANSWER;
  private boolean hadThoughts;
  private boolean namesTag;

  /** Adds text and returns the pieces that can be passed on. */
  List<Piece> add(String text) {
    held.append(text);
    List<Piece> pieces = new ArrayList<>();
    boolean changedSection = true;
    while (changedSection) {
      changedSection =
          switch (section) {
            case BEFORE_ANSWER -> readBeginning();
            case THOUGHTS -> readThoughts(pieces);
            case ANSWER -> readAnswer(pieces);
          };
    }
    return pieces;
  }

  /** Returns what was held back, at the end of the text. */
  List<Piece> end() {
    String rest = held.toString();
    held.setLength(0);
    if (rest.isEmpty() || (hadThoughts && section == Section.BEFORE_ANSWER && rest.isBlank())) {
      return List.of();
    }
    return List.of(section == Section.THOUGHTS ? new Piece.Thought(rest) : new Piece.Answer(rest));
  }

  private boolean readBeginning() {
    String text = held.toString().stripLeading();
    for (Tags tags : TAGS) {
      if (text.startsWith(tags.opening)) {
        held.setLength(0);
        held.append(text, tags.opening.length(), text.length());
        section = Section.THOUGHTS;
        hadThoughts = true;
        return true;
      }
    }
    if (text.isEmpty() || TAGS.stream().anyMatch(tags -> tags.opening.startsWith(text))) {
      return false;
    }
    if (hadThoughts) {
      held.setLength(0);
      held.append(text); // the blank line between thoughts and answer belongs to neither
    }
    section = Section.ANSWER;
    return true;
  }

  private boolean readThoughts(List<Piece> pieces) {
    for (Tags tags : TAGS) {
      int at = held.indexOf(tags.closing);
      if (at >= 0) {
        addThought(pieces, held.substring(0, at));
        held.delete(0, at + tags.closing.length());
        section = Section.BEFORE_ANSWER;
        return true;
      }
    }
    int safe = held.length() - beginOfTagLength();
    addThought(pieces, held.substring(0, safe));
    held.delete(0, safe);
    return false;
  }

  private static void addThought(List<Piece> pieces, String text) {
    if (!text.isEmpty()) {
      pieces.add(new Piece.Thought(text));
    }
  }

  /** The length of the held text's end that may be the beginning of a closing tag. */
  private int beginOfTagLength() {
    for (int length = Math.min(TAG_LENGTH_MAX, held.length()); length > 0; length--) {
      String end = held.substring(held.length() - length);
      if (TAGS.stream().anyMatch(tags -> tags.closing.startsWith(end))) {
        return length;
      }
    }
    return 0;
  }

  private boolean readAnswer(List<Piece> pieces) {
    if (!hadThoughts && !namesTag) {
      for (Tags tags : TAGS) {
        int at = held.indexOf(tags.closing);
        if (at >= 0 && isUnopened(tags, held.substring(0, at))) {
          if (at > 0) {
            pieces.add(new Piece.Answer(held.substring(0, at)));
          }
          pieces.add(new Piece.AnswerWasThoughts());
          held.delete(0, at + tags.closing.length());
          hadThoughts = true;
          section = Section.BEFORE_ANSWER;
          return true;
        }
      }
    }
    int safe = held.length() - (hadThoughts || namesTag ? 0 : beginOfTagLength());
    if (safe > 0) {
      String text = held.substring(0, safe);
      pieces.add(new Piece.Answer(text));
      answerTail.append(text);
      namesTag |= TAGS.stream().anyMatch(tags -> answerTail.indexOf(tags.opening) >= 0);
      answerTail.delete(0, Math.max(0, answerTail.length() - TAG_LENGTH_MAX));
      held.delete(0, safe);
    }
    return false;
  }

  /**
   * Whether a closing tag in the answer ends thoughts. An answer that explains the tags has the
   * opening tag too, or quotes the tag as code.
   */
  private boolean isUnopened(Tags tags, String before) {
    String context = answerTail + before;
    if (context.contains(tags.opening) || context.endsWith("`")) {
      namesTag = true;
    }
    return !namesTag;
  }

  /** Whether the text had tags of thoughts. */
  boolean hadThoughts() {
    return hadThoughts;
  }
}
