package dev.parlor.relay.document;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.concurrent.TimeUnit;
import net.jqwik.api.EdgeCasesMode;
import net.jqwik.api.ForAll;
import net.jqwik.api.Label;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;

/** One document and clients of the bindings on connections that stay open but lose messages. */
class StallDetectorLaws {

  private static final long HOUR = TimeUnit.HOURS.toNanos(1);

  @Property(tries = 80, edgeCases = EdgeCasesMode.NONE)
  @Label("[SY12] [DU1] messages lost in either direction are recovered soon after detection")
  void lostMessagesAreRecovered(
      @ForAll long seed,
      @ForAll @IntRange(min = 1, max = 4) int clients,
      @ForAll @IntRange(min = 2, max = 10) int losesOneOf,
      @ForAll @IntRange(min = 10, max = 200) int steps) {
    try (var world = new LossyWorld(seed, clients)) {
      for (var i = 0; i < steps; i++) {
        world.step(losesOneOf);
      }
      world.everyClientWritesOnce();
      world.quiet();
      var shown = world.now();
      world.runUntilNoClientWaits();
      assertTrue(
          world.now() - shown <= 3 * world.checkIntervalNanos(),
          "a check, a failed check, the last one");
      world.assertEqual();
      var before = world.messages();
      assertEquals(Long.MAX_VALUE, world.rest(HOUR));
      assertEquals(before, world.messages(), "a peer that agrees is not reset");
    }
  }

  @Property(tries = 60, edgeCases = EdgeCasesMode.NONE)
  @Label("[SY12] without a loss no peer is reset, however busy the document or slow the disk")
  void noResetWithoutALoss(
      @ForAll long seed,
      @ForAll @IntRange(min = 1, max = 4) int clients,
      @ForAll @IntRange(min = 10, max = 300) int steps) {
    try (var world = new LossyWorld(seed, clients)) {
      for (var i = 0; i < steps; i++) {
        world.step(0);
        if (i % 8 == 0) {
          world.deliverAll(); // no message is in flight for long
        }
      }
      world.quiet();
      world.runUntilNoClientWaits();
      world.assertEqual();
      assertFalse(world.startedOver());
    }
  }
}
