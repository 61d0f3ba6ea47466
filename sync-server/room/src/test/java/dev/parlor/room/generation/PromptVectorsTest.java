package dev.parlor.room.generation;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

class PromptVectorsTest {

  @Test
  @DisplayName(
      "[PF1] [PF9] [PF10] [PF11] threads, attachments and budgets fold as in the golden file, which the page's tests also"
          + " read")
  void promptsAreThoseOfTheGoldenFile() throws Exception {
    var vectors = PromptVectors.read();
    assertTrue(vectors.size() >= 30);
    for (var vector : vectors) {
      assertEquals(
          vector.path("expected").toPrettyString(),
          PromptVectors.expected(vector).toPrettyString(),
          vector.path("name").asText());
    }
    assertTrue(
        vectors.stream().anyMatch(each -> each.path("expected").path("omitted").asInt() > 0));
  }
}
