package dev.parlor.relay.document;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.parlor.relay.config.Limits;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/**
 * [DU7] Tests when a collection is requested. In these tests it needs 10 closed documents, 15 s in
 * which no document is opened or closed, 120 s since the last collection, and at most 5 open
 * documents.
 */
class MemoryReturnTest {

  private final AtomicInteger collections = new AtomicInteger();
  private final MemoryReturn memory =
      new MemoryReturn(
          new Limits.Memory(10, 15, 120, 5, 85, 75, 10, 64 << 10),
          collections::incrementAndGet,
          at(0));

  @AfterEach
  void close() {
    memory.close();
  }

  private static long at(long seconds) {
    return Long.MAX_VALUE
        - 1_000
        + TimeUnit.SECONDS.toNanos(seconds); // the clock overflows during the tests
  }

  private void check(int opened, int closed, long seconds, int expectedCollections) {
    memory.check(opened, closed, at(seconds));
    assertEquals(expectedCollections, collections.get());
  }

  @Test
  @DisplayName("a collection is requested once after the quiet period")
  void onceAfterTheQuietPeriod() {
    check(10, 10, 1, 0);
    check(10, 10, 15, 0);
    check(10, 10, 16, 1);
    check(10, 10, 500, 1);
  }

  @Test
  @DisplayName("no collection is requested while documents are opened or closed")
  void waitsForTheQuietPeriod() {
    check(10, 10, 1, 0);
    check(11, 10, 10, 0);
    check(11, 11, 20, 0);
    check(11, 11, 34, 0);
    check(11, 11, 35, 1);
  }

  @Test
  @DisplayName(
      "fewer closed documents than the minimum cause no collection; closed documents add up over time")
  void needsManyClosedDocuments() {
    check(9, 9, 1, 0);
    check(9, 9, 100, 0);
    check(10, 10, 101, 0);
    check(10, 10, 116, 1);
    check(19, 19, 300, 1);
    check(19, 19, 400, 1);
  }

  @Test
  @DisplayName("no collection is requested while many documents are open")
  void waitsWhileManyDocumentsAreOpen() {
    check(26, 20, 1, 0);
    check(26, 20, 100, 0);
    check(26, 21, 101, 0);
    check(26, 21, 116, 1);
  }

  @Test
  @DisplayName("no second collection is requested until the minimum interval has passed")
  void keepsTheMinimumInterval() {
    check(10, 10, 1, 0);
    check(10, 10, 20, 1);
    check(20, 20, 30, 1);
    check(20, 20, 139, 1);
    check(20, 20, 140, 2);
  }
}
