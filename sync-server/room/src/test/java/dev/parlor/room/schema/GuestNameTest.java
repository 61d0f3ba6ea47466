package dev.parlor.room.schema;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

class GuestNameTest {

  @Test
  @DisplayName("guest names and avatars equal the test vectors shared with TypeScript")
  void namesEqualTheVectors() {
    var cases = Vectors.json("guest-names.json");
    assertTrue(cases.size() >= 40);
    for (var each : cases) {
      assertEquals(
          new GuestName(each.get("name").asText(), each.get("avatar").asText()),
          GuestName.of(each.get("identity").asText()));
    }
  }
}
