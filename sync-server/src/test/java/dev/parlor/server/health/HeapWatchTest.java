package dev.parlor.server.health;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.parlor.server.config.Limits;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/** When the heap counts as full. */
class HeapWatchTest {

  private static final Limits.Memory LIMITS = Limits.defaults().memory();

  @Test
  @DisplayName("full above one share of the heap, and not again until below another")
  void thresholds() {
    try (var heap = new HeapWatch(LIMITS)) {
      heap.collected(LIMITS.fullPercent(), 100);
      assertFalse(heap.isFull());
      heap.collected(LIMITS.fullPercent() + 1L, 100);
      assertTrue(heap.isFull());
      heap.collected(LIMITS.freePercent(), 100);
      assertTrue(heap.isFull(), "not yet");
      heap.collected(LIMITS.freePercent() - 1L, 100);
      assertFalse(heap.isFull());
      assertEquals(85, LIMITS.fullPercent());
    }
  }

  @Test
  @DisplayName("the runtime's own collections are what it is told of")
  void isTold() {
    var always = new Limits.Memory(100, 15, 120, 1_000, -1, -2, 0);
    try (var heap = new HeapWatch(always).start()) {
      assertFalse(heap.isFull());
      System.gc();
      var deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(10);
      while (!heap.isFull() && System.nanoTime() - deadline < 0) {
        LockSupport.parkNanos(1_000_000);
      }
      assertTrue(heap.isFull());
    }
  }
}
