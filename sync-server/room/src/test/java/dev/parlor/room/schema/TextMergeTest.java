package dev.parlor.room.schema;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Label;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class TextMergeTest {

  private static String merged(String base, String ours, String theirs) {
    return TextMerge.apply(ours, TextMerge.merge(base, ours, theirs, "|"));
  }

  @ParameterizedTest(name = "from \"{0}\": \"{1}\" and \"{2}\" give \"{3}\"")
  @DisplayName("[RM10] the merge of two versions of a text has the words of both")
  @CsvSource(
      ignoreLeadingAndTrailingWhitespace = false,
      nullValues = "-",
      value = {
        "-,a note by Ann,a note by Bob,a note by Bob|a note by Ann",
        "-,same words,same words,same words",
        "-,banana,a,a|banana",
        "-,-,only theirs,only theirs",
        "-,only ours,-,only ours",
        "plain tone,very plain tone,plain tone and no slogans,very plain tone and no slogans",
        "plain tone,plain tone today,plain tone tomorrow,plain tone tomorrow today",
        "plain tone,plain tones,plain tone!,plain tones!",
        "red,green,blue,blue|green",
        "a red car,a green car,a blue car,a green blue car",
        "a b c d,a x c d,a b c,a x c",
        "one two,one two,-,one two",
        "a,my a banana,abc,my abc banana",
        "words,words,words more,words more",
      })
  void mergeHasTheWordsOfBoth(String base, String ours, String theirs, String expected) {
    assertEquals(expected, merged(emptyIfNull(base), emptyIfNull(ours), emptyIfNull(theirs)));
  }

  private static String emptyIfNull(String text) {
    return text == null ? "" : text;
  }

  @Provide
  Arbitrary<List<String>> words() {
    return Arbitraries.of(
            "the", "red", "\ud83e\udda6", "car", "is", "M\u00fcller", "\n", "fast", ".")
        .list()
        .ofMaxSize(14);
  }

  @Property(tries = 500)
  @Label("[RM10] a merged text has the words that both added, once; a repeated merge adds nothing")
  void addedWordsAreMergedOnce(
      @ForAll("words") List<String> base,
      @ForAll("words") List<String> laterWords,
      @ForAll java.util.Random random) {
    var ours = insert(base, "OURS1", random);
    ours = insert(ours, "OURS2", random);
    var theirs = insert(base, "THEIRS1", random);
    theirs = insert(theirs, "THEIRS2", random);
    var baseText = String.join(" ", base);
    var ourText = String.join(" ", ours);
    var theirText = String.join(" ", theirs);
    var result = merged(baseText, ourText, theirText);
    for (var word : List.of("OURS1", "OURS2", "THEIRS1", "THEIRS2")) {
      assertEquals(1, occurrences(result, word), result);
    }
    assertEquals(result, merged(theirText, result, theirText));
    for (var word : laterWords) {
      var later = theirText + " " + word + " LATER";
      var laterResult = merged(theirText, result, later);
      assertEquals(1, occurrences(laterResult, "LATER"), laterResult);
      assertEquals(1, occurrences(laterResult, "THEIRS1"), laterResult);
      assertEquals(1, occurrences(laterResult, "OURS2"), laterResult);
    }
  }

  @Property(tries = 300)
  @Label(
      "[RM10] if only one version differs from the base, the merge has all words of this version")
  void mergeHasTheWordsOfTheOnlyChangedVersion(
      @ForAll("words") List<String> base, @ForAll("words") List<String> theirs) {
    var baseText = String.join(" ", base);
    var theirText = String.join(" ", theirs);
    var result = merged(baseText, baseText, theirText);
    for (var word : theirs) {
      assertTrue(word.isBlank() || result.contains(word), result);
    }
  }

  @Property(tries = 20)
  @Label("[RM10] merging two long texts without common words keeps the words of both")
  void longTextsKeepEveryWord(@ForAll java.util.Random random) {
    var base = new StringBuilder("begin ");
    var ours = new StringBuilder("begin ");
    var theirs = new StringBuilder("begin ");
    for (var i = 0; i < 5_000; i++) {
      base.append("b").append(random.nextInt()).append(' ');
      ours.append("o").append(i).append(' ');
      theirs.append("t").append(i).append(' ');
    }
    var result = merged(base.toString(), ours.toString(), theirs.toString());
    for (var i = 0; i < 5_000; i += 500) {
      assertEquals(1, occurrences(result, "o" + i + " "), "o" + i);
      assertEquals(1, occurrences(result, "t" + i + " "), "t" + i);
    }
  }

  private static List<String> insert(List<String> words, String word, java.util.Random random) {
    var inserted = new ArrayList<>(words);
    inserted.add(random.nextInt(words.size() + 1), word);
    return inserted;
  }

  private static int occurrences(String text, String word) {
    var count = 0;
    for (var at = text.indexOf(word); at >= 0; at = text.indexOf(word, at + 1)) {
      count++;
    }
    return count;
  }
}
