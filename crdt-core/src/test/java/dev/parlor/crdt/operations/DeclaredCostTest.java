package dev.parlor.crdt.operations;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

class DeclaredCostTest {

  @Test
  @DisplayName(
      "[AD3] for every change of Automerge JS, the declared number of operations equals the number that the reader finds")
  void countsWhatIsThere() {
    var seen = 0;
    for (var history : Histories.all()) {
      for (var change : history.changes()) {
        var reader = OperationReader.open(change, OperationLimits.DEFAULT).orElseThrow();
        var found = 0L;
        while (reader.next()) {
          found += 1 + reader.predecessorCount();
        }
        assertEquals(found, DeclaredCost.of(change, 1 << 20), history.name());
        seen++;
      }
    }
    assertTrue(seen > 650);
  }

  @Test
  @DisplayName("[AD3] the count of a run of 2^60 operations is capped at the given maximum")
  void isBounded() {
    var change = Histories.all().getFirst().changes().getFirst();
    assertTrue(DeclaredCost.of(change, 1 << 20) > 2);
    assertEquals(2, DeclaredCost.of(change, 2));
  }
}
