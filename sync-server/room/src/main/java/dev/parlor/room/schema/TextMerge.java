package dev.parlor.room.schema;

import dev.parlor.crdt.replica.Edit;
import dev.parlor.crdt.replica.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Merges one author's version of a text into another version of it: a three-way merge of words.
 * Pure.
 *
 * <h2>Guarantees</h2>
 *
 * The result has every word that {@code theirs} has and {@code base} lacks. Every word of {@code
 * ours} stays, unless {@code theirs} removed it and {@code ours} had not changed it. Words are
 * never split. A repeated merge changes nothing.
 *
 * <h2>Method</h2>
 *
 * If {@code ours} still contains {@code base} in one piece, the difference of {@code theirs} is
 * applied there, letter by letter. Otherwise words are matched. If two texts have nothing in
 * common, one is put before the other.
 */
public final class TextMerge {

  private TextMerge() {}

  /** Replaces {@code delete} UTF-16 units of a text from {@code at} by {@code insert}. */
  public record Splice(int at, int delete, String insert) {}

  /**
   * The edits of {@code ours}, the last place first.
   *
   * @param base the common base of both versions; empty without one
   * @param separator between two texts that have nothing in common
   */
  public static List<Splice> merge(String base, String ours, String theirs, String separator) {
    if (theirs.isBlank() || theirs.equals(base) || holds(ours, theirs)) {
      return List.of();
    }
    if (base.isBlank() || !akin(base, ours) || !akin(base, theirs)) {
      var anchored = base.isBlank() ? null : anchored(base, ours, theirs);
      return anchored == null ? before(ours, theirs, separator) : anchored;
    }
    var anchored = anchored(base, ours, theirs);
    return anchored == null ? byWords(base, ours, theirs) : anchored;
  }

  /** The text after the splices. */
  public static String apply(String text, List<Splice> splices) {
    var result = new StringBuilder(text);
    splices.forEach(each -> result.replace(each.at(), each.at() + each.delete(), each.insert()));
    return result.toString();
  }

  /**
   * The splices as edits of the collaborative text at the path, whose present content is {@code
   * text}.
   */
  public static List<Edit> edits(Path path, String text, List<Splice> splices) {
    var edits = new ArrayList<Edit>();
    for (var each : splices) {
      edits.add(
          new Edit.SpliceText(
              path,
              text.codePointCount(0, each.at()),
              text.codePointCount(each.at(), each.at() + each.delete()),
              each.insert()));
    }
    return edits;
  }

  /** True if the text contains the other as whole lines. */
  private static boolean holds(String text, String lines) {
    for (var at = text.indexOf(lines); at >= 0; at = text.indexOf(lines, at + 1)) {
      var end = at + lines.length();
      if ((at == 0 || text.charAt(at - 1) == '\n')
          && (end == text.length() || text.charAt(end) == '\n')) {
        return true;
      }
    }
    return false;
  }

  private static boolean akin(String one, String other) {
    var words = Set.copyOf(WordDiff.words(other));
    return WordDiff.words(one).stream().anyMatch(word -> isWord(word) && words.contains(word));
  }

  /**
   * Inserts at the front, since most people continue to type at the end. An empty text gets a blank
   * separator too, since its author may be typing.
   */
  private static List<Splice> before(String ours, String theirs, String separator) {
    var apart = ours.isBlank() && !separator.isBlank() ? "" : separator;
    return List.of(new Splice(0, 0, theirs + apart));
  }

  /**
   * The difference of {@code theirs}, applied where {@code ours} contains {@code base} in one
   * piece; null if it does not.
   */
  private static @Nullable List<Splice> anchored(String base, String ours, String theirs) {
    var at = whole(ours, base);
    if (at < 0) {
      return null;
    }
    var shorter = Math.min(base.length(), theirs.length());
    var start = 0;
    while (start < shorter && base.charAt(start) == theirs.charAt(start)) {
      start++;
    }
    if (start > 0 && Character.isHighSurrogate(base.charAt(start - 1))) {
      start--;
    }
    var tail = 0;
    while (tail < shorter - start
        && base.charAt(base.length() - 1 - tail) == theirs.charAt(theirs.length() - 1 - tail)) {
      tail++;
    }
    if (tail > 0 && Character.isLowSurrogate(base.charAt(base.length() - tail))) {
      tail--;
    }
    var insert = theirs.substring(start, theirs.length() - tail);
    var delete = base.length() - tail - start;
    var place = at + start;
    if (delete == 0 && ours.startsWith(insert, place)) {
      return List.of();
    }
    return List.of(new Splice(place, delete, insert));
  }

  /** The last place of {@code part} in the text where no letter or digit adjoins its ends. */
  private static int whole(String text, String part) {
    for (var at = text.lastIndexOf(part); at >= 0; at = text.lastIndexOf(part, at - 1)) {
      if (!joins(text, at) && !joins(text, at + part.length())) {
        return at;
      }
      if (at == 0) {
        break;
      }
    }
    return -1;
  }

  private static boolean joins(String text, int at) {
    return at > 0
        && at < text.length()
        && Character.isLetterOrDigit(text.codePointBefore(at))
        && Character.isLetterOrDigit(text.codePointAt(at));
  }

  private static List<Splice> byWords(String base, String ours, String theirs) {
    var from = WordDiff.words(base);
    var here = WordDiff.words(ours);
    var there = WordDiff.words(theirs);
    var inOurs = WordDiff.matches(from, here);
    var inTheirs = WordDiff.matches(from, there);
    var starts = starts(here);
    var splices = new ArrayList<Splice>();
    var word = 0;
    var next = 0;
    while (word < from.size() || next < there.size()) {
      if (word < from.size() && inTheirs[word] == next) {
        word++;
        next++;
        continue;
      }
      var firstGone = word;
      while (word < from.size() && inTheirs[word] == WordDiff.NONE) {
        word++;
      }
      var end = word < from.size() ? inTheirs[word] : there.size();
      for (var gone = firstGone; gone < word; gone++) {
        if (inOurs[gone] != WordDiff.NONE) {
          splices.add(new Splice(starts[inOurs[gone]], here.get(inOurs[gone]).length(), ""));
        }
      }
      var place = place(inOurs, word, here.size());
      var insert = there.subList(next, end);
      if (!insert.isEmpty() && !isThere(here, place, insert)) {
        splices.add(new Splice(starts[place], 0, spaced(here, place, insert)));
      }
      next = end;
    }
    return splices.reversed();
  }

  /** The place before the next word of the base that is still in {@code ours}. */
  private static int place(int[] inOurs, int word, int size) {
    for (var at = word; at < inOurs.length; at++) {
      if (inOurs[at] != WordDiff.NONE) {
        return inOurs[at];
      }
    }
    return size;
  }

  /**
   * True if {@code ours} has the same words just before the place, since both authors wrote them.
   */
  private static boolean isThere(List<String> here, int place, List<String> insert) {
    return place >= insert.size() && here.subList(place - insert.size(), place).equals(insert);
  }

  private static String spaced(List<String> here, int place, List<String> insert) {
    var before = place > 0 && isWord(here.get(place - 1)) && isWord(insert.getFirst()) ? " " : "";
    var after =
        place < here.size() && isWord(here.get(place)) && isWord(insert.getLast()) ? " " : "";
    return before + String.join("", insert) + after;
  }

  private static int[] starts(List<String> words) {
    var starts = new int[words.size() + 1];
    for (var i = 0; i < words.size(); i++) {
      starts[i + 1] = starts[i] + words.get(i).length();
    }
    return starts;
  }

  private static boolean isWord(String token) {
    return Character.isLetterOrDigit(token.codePointAt(0));
  }
}
