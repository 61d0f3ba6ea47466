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

/** Text made of whole characters, and cut between them. */
class TextsLaws {
  @Provide
  Arbitrary<String> texts() {
    return Arbitraries.of("", "x", "\0", "\ud83e\udda6", "\ud83e", "\udda6", "e\u0301", "\uffff")
        .list()
        .ofMaxSize(8)
        .map(pieces -> String.join("", pieces));
  }

  @Property
  @Label("a text that was made well-formed goes through UTF-8 unchanged, and keeps its length")
  void throughUtf8(@ForAll @From("texts") String text) {
    String whole = Texts.wellFormed(text);
    assertTrue(Texts.isWellFormed(whole));
    assertEquals(text.length(), whole.length());
    assertEquals(whole, new String(whole.getBytes(StandardCharsets.UTF_8), StandardCharsets.UTF_8));
    assertEquals(whole, Texts.wellFormed(whole));
    assertEquals(Texts.isWellFormed(text), text.equals(whole));
  }

  @Property
  @Label("a cut takes as much as fits and never halves a character")
  void cut(@ForAll @From("texts") String text, @ForAll @IntRange(max = 10) int lengthMax) {
    String whole = Texts.wellFormed(text);
    String cut = Texts.cut(whole, lengthMax);
    assertTrue(Texts.isWellFormed(cut));
    assertTrue(whole.startsWith(cut));
    assertTrue(cut.length() <= lengthMax);
    assertTrue(cut.length() >= Math.min(whole.length(), lengthMax) - 1);
  }
}
