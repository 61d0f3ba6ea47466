package dev.parlor.server.health;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.parlor.server.config.Limits;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/** When the heap counts as full. */
class HeapWatchTest {

  private static final Limits.Memory LIMITS = Limits.defaults().memory();

  @Test
  @DisplayName("full above one share of the heap, and not again until below another")
  void thresholds() {
    try (var heap = new HeapWatch(LIMITS, () -> {})) {
      heap.collected(LIMITS.fullPercent(), 100, true);
      assertFalse(heap.isFull());
      heap.collected(LIMITS.fullPercent() + 1L, 100, true);
      assertTrue(heap.isFull());
      heap.collected(LIMITS.freePercent(), 100, false);
      assertTrue(heap.isFull(), "not yet");
      heap.collected(LIMITS.freePercent() - 1L, 100, false);
      assertFalse(heap.isFull());
    }
  }

  @Test
  @DisplayName("a collection of young objects does not decide, it asks for one of everything, once")
  void youngOnes() throws Exception {
    var asked = new AtomicInteger();
    var go = new CountDownLatch(1);
    Runnable collection =
        () -> {
          asked.incrementAndGet();
          try {
            go.await();
          } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
          }
        };
    try (var heap = new HeapWatch(LIMITS, collection)) {
      heap.collected(99, 100, false);
      heap.collected(99, 100, false);
      assertFalse(heap.isFull());
      heap.collected(20, 100, true);
      assertFalse(heap.isFull());
      go.countDown();
      while (asked.get() == 0) {
        Thread.onSpinWait();
      }
      assertEquals(1, asked.get());
    }
  }

  @Test
  @DisplayName("the runtime's own collections are what it is told of")
  void isTold() {
    var always = new Limits.Memory(100, 15, 120, 1_000, -1, -2, 0);
    try (var heap = new HeapWatch(always, System::gc).start()) {
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
