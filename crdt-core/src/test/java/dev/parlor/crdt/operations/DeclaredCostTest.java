package dev.parlor.crdt.operations;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

class DeclaredCostTest {

  @Test
  @DisplayName(
      "[AD3] for every change of Automerge JS, the declared number of operations equals the number that the reader finds")
  void declaredCountEqualsTheReadCount() {
    var changeCount = 0;
    for (var history : Histories.all()) {
      for (var change : history.changes()) {
        var reader = OperationReader.open(change, OperationLimits.DEFAULT).orElseThrow();
        var operationCount = 0L;
        while (reader.next()) {
          operationCount += 1 + reader.predecessorCount();
        }
        assertEquals(operationCount, DeclaredCost.of(change, 1 << 20), history.name());
        changeCount++;
      }
    }
    assertTrue(changeCount > 650);
  }

  @Test
  @DisplayName("[AD3] the declared number is at most the given maximum")
  void countIsLimited() {
    var change = Histories.all().getFirst().changes().getFirst();
    assertTrue(DeclaredCost.of(change, 1 << 20) > 2);
    assertEquals(2, DeclaredCost.of(change, 2));
  }
}
