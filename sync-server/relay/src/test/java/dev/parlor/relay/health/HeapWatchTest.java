package dev.parlor.relay.health;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.parlor.relay.config.Limits;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/** Tests when {@link HeapWatch} considers the heap full. */
class HeapWatchTest {

  private static final Limits.Memory LIMITS = Limits.defaults().memory();

  @Test
  @DisplayName(
      "the heap counts as full above the full threshold until it falls below the free threshold")
  void thresholds() {
    try (var heap = new HeapWatch(LIMITS, () -> {}, () -> 0)) {
      heap.collected(LIMITS.fullPercent(), 100, true);
      assertFalse(heap.isFull());
      heap.collected(LIMITS.fullPercent() + 1L, 100, true);
      assertTrue(heap.isFull());
      heap.collected(LIMITS.freePercent(), 100, false);
      assertTrue(heap.isFull(), "the usage is not below the free threshold");
      heap.collected(LIMITS.freePercent() - 1L, 100, false);
      assertFalse(heap.isFull());
    }
  }

  @Test
  @DisplayName(
      "a young collection above the threshold only requests a full collection, which then decides")
  void youngCollectionOnlyRequestsAFullCollection() throws Exception {
    var now = new AtomicLong();
    var collections = new LinkedBlockingQueue<Long>();
    try (var heap = new HeapWatch(LIMITS, () -> collections.add(now.get()), now::get)) {
      heap.collected(99, 100, false);
      assertEquals(0, collections.poll(10, TimeUnit.SECONDS));
      heap.collected(99, 100, false);
      assertFalse(heap.isFull());
      heap.collected(20, 100, true);
      assertFalse(heap.isFull());
      now.set(TimeUnit.SECONDS.toNanos(LIMITS.checkSeconds()));
      heap.collected(99, 100, false);
      assertEquals(
          now.get(),
          collections.poll(10, TimeUnit.SECONDS),
          "the second young collection was too early for another full collection");
      heap.collected(99, 100, true);
      assertTrue(heap.isFull());
    }
  }

  @Test
  @DisplayName("the heap watch receives the collections of the running JVM")
  void receivesCollectionsOfTheRuntime() {
    var alwaysFull = new Limits.Memory(100, 15, 120, 1_000, -1, -2, 10, 0);
    try (var heap = new HeapWatch(alwaysFull, System::gc, System::nanoTime).start()) {
      assertFalse(heap.isFull());
      System.gc();
      var deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(10);
      while (!heap.isFull() && System.nanoTime() - deadline < 0) {
        Thread.onSpinWait();
      }
      assertTrue(heap.isFull());
    }
  }
}
