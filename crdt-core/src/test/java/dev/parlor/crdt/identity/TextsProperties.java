package dev.parlor.crdt.identity;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.charset.StandardCharsets;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.From;
import net.jqwik.api.Label;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.constraints.IntRange;

/** Properties of {@link Texts} for random texts with lone surrogates. */
class TextsProperties {
  @Provide
  Arbitrary<String> texts() {
    return Arbitraries.of("", "x", "\0", "\ud83e\udda6", "\ud83e", "\udda6", "e\u0301", "\uffff")
        .list()
        .ofMaxSize(8)
        .map(pieces -> String.join("", pieces));
  }

  @Property
  @Label("wellFormed() keeps the length, and its result survives encoding as UTF-8 unchanged")
  void wellFormedTextSurvivesUtf8(@ForAll @From("texts") String text) {
    String wellFormed = Texts.wellFormed(text);
    assertTrue(Texts.isWellFormed(wellFormed));
    assertEquals(text.length(), wellFormed.length());
    assertEquals(
        wellFormed,
        new String(wellFormed.getBytes(StandardCharsets.UTF_8), StandardCharsets.UTF_8));
    assertEquals(wellFormed, Texts.wellFormed(wellFormed));
    assertEquals(Texts.isWellFormed(text), text.equals(wellFormed));
  }

  @Property
  @Label("cut() returns as many UTF-16 units as allowed and never splits a surrogate pair")
  void cutNeverSplitsASurrogatePair(
      @ForAll @From("texts") String text, @ForAll @IntRange(max = 10) int lengthMax) {
    String wellFormed = Texts.wellFormed(text);
    String cut = Texts.cut(wellFormed, lengthMax);
    assertTrue(Texts.isWellFormed(cut));
    assertTrue(wellFormed.startsWith(cut));
    assertTrue(cut.length() <= lengthMax);
    assertTrue(cut.length() >= Math.min(wellFormed.length(), lengthMax) - 1);
  }
}
