package dev.parlor.crdt.operations;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

class ClaimedWorkTest {

  @Test
  @DisplayName(
      "[AD3] of every change that Automerge JS writes it counts what the reader then finds")
  void countsWhatIsThere() {
    var seen = 0;
    for (var history : Histories.all()) {
      for (var change : history.changes()) {
        var reader = OperationReader.open(change, OperationLimits.DEFAULT).orElseThrow();
        var found = 0L;
        while (reader.next()) {
          found += 1 + reader.predecessorCount();
        }
        assertEquals(found, ClaimedWork.of(change, 1 << 20), history.name());
        seen++;
      }
    }
    assertTrue(seen > 650);
  }

  @Test
  @DisplayName("[AD3] a run of 2^60 operations is at most as many as asked for")
  void isBounded() {
    var change = Histories.all().getFirst().changes().getFirst();
    assertTrue(ClaimedWork.of(change, 1 << 20) > 2);
    assertEquals(2, ClaimedWork.of(change, 2));
  }
}
