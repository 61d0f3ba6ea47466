package dev.parlor.crdt.identity;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;

import net.jqwik.api.ForAll;
import net.jqwik.api.Label;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.Size;

/** Properties of {@link DocumentId} for random ids and texts. */
class DocumentIdProperties {

  @Property
  @Label("[HS7] an id of any bytes parses back to itself, with and without the scheme")
  void anIdParsesBackToItself(@ForAll @Size(min = 1, max = 64) byte[] bytes) {
    var id = DocumentId.of(Bytes.copyOf(bytes));
    assertEquals(id, DocumentId.parse(id.value()).orElseThrow());
    assertEquals(id, DocumentId.parse(id.url()).orElseThrow());
  }

  @Property
  @Label("[HS7] parsing an arbitrary text never throws")
  void arbitraryTextNeverThrows(@ForAll String text) {
    switch (DocumentId.parse(text)) {
      case Decoding.Decoded<DocumentId>(var id) ->
          assertEquals(id, DocumentId.parse(id.value()).orElseThrow());
      case Decoding.Malformed<DocumentId>(var rule, var reason) -> assertEquals("HS7", rule);
    }
  }

  @Property
  @Label("[HS7] an id with one changed character is refused")
  void oneChangedCharacterIsRefused(
      @ForAll @Size(16) byte[] bytes, @ForAll("indexes") int randomIndex) {
    var text = DocumentId.of(Bytes.copyOf(bytes)).value();
    var index = randomIndex % text.length();
    var other = text.charAt(index) == 'a' ? 'b' : 'a';
    var changed = text.substring(0, index) + other + text.substring(index + 1);
    assertInstanceOf(Decoding.Malformed.class, DocumentId.parse(changed));
  }

  @net.jqwik.api.Provide
  net.jqwik.api.Arbitrary<Integer> indexes() {
    return net.jqwik.api.Arbitraries.integers().between(0, 21);
  }
}
