package dev.parlor.bench.fuzz;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.parlor.crdt.format.ChangeChunk;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class CraftedFuzzTest {

  private static final Path VECTORS = Path.of("..", "docs", "vectors");

  @Test
  @DisplayName("[AD1] operations that are written again are the same bytes")
  void onlyOneEncoding() throws IOException {
    for (var history : Histories.all(VECTORS)) {
      for (var change : history) {
        var operations = Operation.of(change);
        var header = header(change);
        assertEquals(change.otherActors(), Forge.others(change.actor(), operations));
        assertEquals(change.plain(), Forge.change(header, operations));
      }
    }
  }

  private static Forge.Header header(ChangeChunk change) {
    return new Forge.Header(
        change.deps(),
        change.actor(),
        change.seq(),
        change.startOp(),
        change.time(),
        change.message(),
        change.otherActors());
  }

  @Test
  @DisplayName("[AD7] no crafted change that is admitted aborts the bindings; a small run")
  void poison(@TempDir Path failures) throws IOException {
    var outcome =
        CraftedFuzz.run(
            new CraftedFuzz.Options(6_000, Duration.ofMinutes(1), 20261120, VECTORS, failures));
    assertEquals(List.of(), outcome.failures);
    assertEquals(0, outcome.aborts + outcome.complaints + outcome.exceptions);
    assertTrue(outcome.admitted > 300, outcome.admitted + " admitted");
    for (var rule : List.of("AD1", "AD2")) {
      assertTrue(outcome.refused.getOrDefault(rule, 0L) > 300, outcome.refused.toString());
    }
  }
}
