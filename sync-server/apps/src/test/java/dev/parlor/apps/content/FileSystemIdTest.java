package dev.parlor.apps.content;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.parlor.crdt.identity.Bytes;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import net.jqwik.api.ForAll;
import net.jqwik.api.Label;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.AlphaChars;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.StringLength;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

class FileSystemIdTest {
  private static final ContentId CONTENT =
      new ContentId("zALtCJe12EFVgLEg6YDxtpba7jPHLRYEojT6aP8rtG3s");

  @Test
  @DisplayName("the id of a file and an environment is the one that vibes.diy computes")
  void golden() {
    assertEquals(
        "zGDU8X6kbHpi3Uxf7jMZMhUTad4VbtrmrwuRxtpzXxn7s",
        FileSystemId.of(
                List.of(part("/App.jsx")), Map.of("TEST_ENV_VAR", "hello world"), Optional.empty())
            .text());
  }

  @Test
  @DisplayName("the content id of empty bytes is z and the base58 form of their SHA-256")
  void empty() {
    assertEquals("zGKot5hBsd81kMupNCXHaqbhv3huEbxAFMLnpcX2hniwn", ContentId.of(Bytes.EMPTY).text());
  }

  @Test
  @DisplayName("leading zero bytes become leading ones in base58")
  void zeros() {
    assertEquals("11", Base58.encode(new byte[2]));
    assertEquals("1112", Base58.encode(new byte[] {0, 0, 0, 1}));
    assertEquals("5Q", Base58.encode(new byte[] {(byte) 255}));
    assertEquals("", Base58.encode(new byte[0]));
  }

  @Property(tries = 200)
  @Label("files and variables in any order have the same id")
  void anyOrder(
      @ForAll @IntRange(min = 1, max = 12) int files,
      @ForAll long seed,
      @ForAll @AlphaChars @StringLength(max = 5) String value) {
    var parts = new ArrayList<FileSystemId.Part>();
    for (var i = 0; i < files; i++) {
      parts.add(part("/" + i + "é".repeat(i % 3)));
    }
    var id = FileSystemId.of(parts, Map.of("a", value, "b", "x"), Optional.empty());
    var shuffled = new ArrayList<>(parts);
    Collections.shuffle(shuffled, new Random(seed));
    assertEquals(id, FileSystemId.of(shuffled, Map.of("b", "x", "a", value), Optional.empty()));
    assertNotEquals(
        id, FileSystemId.of(parts, Map.of("a", value + "!", "b", "x"), Optional.empty()));
    assertNotEquals(
        id,
        FileSystemId.of(parts, Map.of("a", value, "b", "x"), Optional.of(parts.getFirst().name())));
  }

  @Test
  @DisplayName(
      "a name or mimetype with a comma or | is refused, since another set of files could have the same text")
  void separators() {
    assertThrows(IllegalArgumentException.class, () -> part("/a,b"));
    assertThrows(IllegalArgumentException.class, () -> part("/a|b"));
    assertThrows(
        IllegalArgumentException.class,
        () -> new FileSystemId.Part("/a", Optional.of("text/css,x"), CONTENT));
  }

  @Test
  @DisplayName("the environment is written as JSON.stringify of JavaScript writes it")
  void escapes() {
    var value = "\"\\\b\f\n\r\t\u0001\u001f\u2028\ud800é\ud83d\ude00";
    var text =
        "/a,,"
            + CONTENT
            + "|{\"K\":\"\\\"\\\\\\b\\f\\n\\r\\t\\u0001\\u001f\u2028\\ud800é\ud83d\ude00\"}";
    assertEquals(
        ContentId.of(Bytes.utf8(text)),
        FileSystemId.of(List.of(part("/a")), Map.of("K", value), Optional.empty()));
  }

  private static FileSystemId.Part part(String name) {
    return new FileSystemId.Part(name, Optional.empty(), CONTENT);
  }
}
