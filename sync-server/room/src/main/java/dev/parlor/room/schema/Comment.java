package dev.parlor.room.schema;

import java.util.Comparator;
import org.jspecify.annotations.Nullable;

/**
 * A comment on a selected text, or an answer to a comment (rules CM1 to CM5 of {@code
 * docs/room.md}).
 *
 * @param key the key in the document: an id and the author
 * @param by the author, from the key
 * @param target the commented text: {@code note:}, {@code card:} or {@code result:} and an id
 * @param thread the key of the comment that this one answers, or null
 * @param quote the selected words at the time of the comment
 * @param start the beginning of the selection: a cursor of a shared text, or an offset
 * @param end the last character of the selection, in the same form
 * @param text the comment; empty if its author has deleted it
 * @param resolved the person that resolved the thread, or null
 */
public record Comment(
    String key,
    String by,
    long at,
    String target,
    @Nullable String thread,
    String quote,
    String start,
    String end,
    String text,
    @Nullable Resolved resolved) {

  /** The person that resolved a thread, and the time. */
  public record Resolved(String by, long at) {}

  static final Comparator<Comment> BY_TIME =
      Comparator.comparingLong(Comment::at).thenComparing(Comment::key);
}
