package dev.parlor.room.schema;

import dev.parlor.crdt.replica.Edit;
import dev.parlor.crdt.replica.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Merges one version of a text ({@code theirs}) into another version ({@code ours}): a three-way
 * merge of words. Pure.
 *
 * <h2>Guarantees</h2>
 *
 * The result has every word that {@code theirs} has and {@code base} lacks. Every word of {@code
 * ours} stays, unless {@code theirs} removed it and {@code ours} had not changed it. Words are
 * never split. A repeated merge changes nothing.
 *
 * <h2>Method</h2>
 *
 * If {@code ours} still contains {@code base} in one piece, the changed part of {@code theirs}
 * replaces the same part there. Otherwise words are matched. If the texts have no word in common,
 * {@code theirs} is put before {@code ours}.
 */
public final class TextMerge {

  private TextMerge() {}

  /** Replaces {@code delete} UTF-16 units of a text, from {@code at} on, with {@code insert}. */
  public record Splice(int at, int delete, String insert) {}

  /**
   * The splices that merge {@code theirs} into {@code ours}, the last place first.
   *
   * @param base the common base of both versions; empty without one
   * @param separator stands between two texts that have no word in common
   */
  public static List<Splice> merge(String base, String ours, String theirs, String separator) {
    if (theirs.isBlank() || theirs.equals(base) || hasLines(ours, theirs)) {
      return List.of();
    }
    if (base.isBlank()) {
      return prepend(ours, theirs, separator);
    }
    var inPlace = mergeInPlace(base, ours, theirs);
    if (inPlace != null) {
      return inPlace;
    }
    return shareAWord(base, ours) && shareAWord(base, theirs)
        ? mergeWords(base, ours, theirs)
        : prepend(ours, theirs, separator);
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

  /** Whether the text contains {@code lines} as whole lines. */
  private static boolean hasLines(String text, String lines) {
    for (var at = text.indexOf(lines); at >= 0; at = text.indexOf(lines, at + 1)) {
      var end = at + lines.length();
      if ((at == 0 || text.charAt(at - 1) == '\n')
          && (end == text.length() || text.charAt(end) == '\n')) {
        return true;
      }
    }
    return false;
  }

  /** Whether both texts contain the same word. */
  private static boolean shareAWord(String one, String other) {
    var words = Set.copyOf(WordDiff.words(other));
    return WordDiff.words(one).stream().anyMatch(word -> isWord(word) && words.contains(word));
  }

  /**
   * Inserts {@code theirs} at the front, since most people continue to type at the end. Before a
   * blank text, a visible separator is left out. A blank separator stays, since the author of the
   * blank text may be about to type.
   */
  private static List<Splice> prepend(String ours, String theirs, String separator) {
    var separatorOrNone = ours.isBlank() && !separator.isBlank() ? "" : separator;
    return List.of(new Splice(0, 0, theirs + separatorOrNone));
  }

  /**
   * Replaces the changed part of {@code base} where {@code ours} contains {@code base} in one
   * piece; null if it does not.
   */
  private static @Nullable List<Splice> mergeInPlace(String base, String ours, String theirs) {
    var at = lastWholeIndexOf(ours, base);
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
  private static int lastWholeIndexOf(String text, String part) {
    for (var at = text.lastIndexOf(part); at >= 0; at = text.lastIndexOf(part, at - 1)) {
      if (!isInsideAWord(text, at) && !isInsideAWord(text, at + part.length())) {
        return at;
      }
      if (at == 0) {
        break;
      }
    }
    return -1;
  }

  private static boolean isInsideAWord(String text, int at) {
    return at > 0
        && at < text.length()
        && Character.isLetterOrDigit(text.codePointBefore(at))
        && Character.isLetterOrDigit(text.codePointAt(at));
  }

  /**
   * Matches the words of {@code base} with both other versions. Removes words that {@code theirs}
   * removed, and inserts words that {@code theirs} added before the next word that is left.
   */
  private static List<Splice> mergeWords(String base, String ours, String theirs) {
    var baseWords = WordDiff.words(base);
    var ourWords = WordDiff.words(ours);
    var theirWords = WordDiff.words(theirs);
    var inOurs = WordDiff.matches(baseWords, ourWords);
    var inTheirs = WordDiff.matches(baseWords, theirWords);
    var starts = starts(ourWords);
    var splices = new ArrayList<Splice>();
    var word = 0;
    var next = 0;
    while (word < baseWords.size() || next < theirWords.size()) {
      if (word < baseWords.size() && inTheirs[word] == next) {
        word++;
        next++;
        continue;
      }
      var firstRemoved = word;
      while (word < baseWords.size() && inTheirs[word] == WordDiff.NONE) {
        word++;
      }
      var end = word < baseWords.size() ? inTheirs[word] : theirWords.size();
      for (var removed = firstRemoved; removed < word; removed++) {
        if (inOurs[removed] != WordDiff.NONE) {
          splices.add(
              new Splice(starts[inOurs[removed]], ourWords.get(inOurs[removed]).length(), ""));
        }
      }
      var place = place(inOurs, word, ourWords.size());
      var insert = theirWords.subList(next, end);
      if (!insert.isEmpty() && !isPresentBefore(ourWords, place, insert)) {
        splices.add(new Splice(starts[place], 0, spaced(ourWords, place, insert)));
      }
      next = end;
    }
    return splices.reversed();
  }

  /** The index in {@code ours} of the next base word that is still there, or the end. */
  private static int place(int[] inOurs, int word, int size) {
    for (var at = word; at < inOurs.length; at++) {
      if (inOurs[at] != WordDiff.NONE) {
        return inOurs[at];
      }
    }
    return size;
  }

  /** Whether the same words stand just before the place already, since both authors wrote them. */
  private static boolean isPresentBefore(List<String> words, int place, List<String> insert) {
    return place >= insert.size() && words.subList(place - insert.size(), place).equals(insert);
  }

  /** The words to insert, with blanks that separate them from adjoining words. */
  private static String spaced(List<String> words, int place, List<String> insert) {
    var before = place > 0 && isWord(words.get(place - 1)) && isWord(insert.getFirst()) ? " " : "";
    var after =
        place < words.size() && isWord(words.get(place)) && isWord(insert.getLast()) ? " " : "";
    return before + String.join("", insert) + after;
  }

  /** The offset of each word in the text, and the length of the text. */
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
