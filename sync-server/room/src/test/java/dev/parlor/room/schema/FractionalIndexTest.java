package dev.parlor.room.schema;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

class FractionalIndexTest {

  private static @Nullable String text(JsonNode node) {
    return node.isNull() ? null : node.asText();
  }

  @Test
  @DisplayName("[RM6] with equal random numbers, the keys equal the keys of the npm package")
  void keysEqualTheKeysOfTheNpmPackage() {
    var cases = Vectors.json("order-keys.json");
    assertTrue(cases.size() > 300);
    for (var each : cases) {
      assertEquals(
          each.get("key").asText(),
          FractionalIndex.jittered(
              text(each.get("lower")), text(each.get("upper")), each.get("random").asDouble()),
          each::toString);
    }
  }

  @Test
  @DisplayName("integer keys count upwards without jitter")
  void integerKeysCountUpwards() {
    assertEquals("a0", FractionalIndex.plainAfter(null));
    assertEquals("a1", FractionalIndex.plainAfter("a0"));
    assertEquals("b00", FractionalIndex.plainAfter("az"));
    assertEquals("a0", FractionalIndex.plainAfter("Zz"));
  }

  @Test
  @DisplayName("after a malformed key of a peer, a new key can still be made")
  void keyAfterAMalformedKeyCanBeMade() {
    for (var malformed : List.of("b1", "0", "zz", "a\u00e9", "a-", "zzzz", "AAAA", "9z")) {
      assertFalse(FractionalIndex.isValid(malformed), malformed);
      assertTrue(
          FractionalIndex.after(malformed, Rooms.random(1)).compareTo(malformed) > 0, malformed);
      assertTrue(FractionalIndex.between("a0", malformed, Rooms.random(1)).compareTo("a0") > 0);
    }
    assertTrue(FractionalIndex.between("a1", "a1", Rooms.random(1)).compareTo("a1") > 0);
    assertTrue(FractionalIndex.between("a2", "a1", Rooms.random(1)).compareTo("a2") > 0);
    assertTrue(
        FractionalIndex.afterAll(List.of("", "a5", "a3"), Rooms.random(1)).compareTo("a5") > 0);
    assertTrue(FractionalIndex.isValid(FractionalIndex.afterAll(List.of(), Rooms.random(1))));
  }
}
