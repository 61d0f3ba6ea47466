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

/** Properties of a document whose clients' connections lose messages but stay open. */
class StallDetectorProperties {

  private static final long HOUR = TimeUnit.HOURS.toNanos(1);

  @Property(tries = 80, edgeCases = EdgeCasesMode.NONE)
  @Label(
      "[SY12] [DU1] after lost messages and one more change of each client, all peers converge within three checks")
  void lostMessagesAreRecovered(
      @ForAll long seed,
      @ForAll @IntRange(min = 1, max = 4) int clients,
      @ForAll @IntRange(min = 2, max = 10) int deliveriesPerLoss,
      @ForAll @IntRange(min = 10, max = 200) int steps) {
    try (var world = new LossyWorld(seed, clients)) {
      for (var i = 0; i < steps; i++) {
        world.step(deliveriesPerLoss);
      }
      world.everyClientWritesOnce();
      world.deliverAndCommitAll();
      var start = world.now();
      world.runUntilIdle();
      assertTrue(
          world.now() - start <= 3 * world.checkNanos(),
          "three checks: the first, a failed one, and the one after the reset");
      world.assertConverged();
      var messages = world.messages();
      assertEquals(Long.MAX_VALUE, world.advance(HOUR));
      assertEquals(messages, world.messages(), "no peer is reset after all agree");
    }
  }

  @Property(tries = 60, edgeCases = EdgeCasesMode.NONE)
  @Label("[SY12] without a loss no peer is reset, even if the document is busy or the disk slow")
  void noResetWithoutALoss(
      @ForAll long seed,
      @ForAll @IntRange(min = 1, max = 4) int clients,
      @ForAll @IntRange(min = 10, max = 300) int steps) {
    try (var world = new LossyWorld(seed, clients)) {
      for (var i = 0; i < steps; i++) {
        world.step(0);
        if (i % 8 == 0) {
          world.deliverAll(); // delivers all messages within a few steps
        }
      }
      world.deliverAndCommitAll();
      world.runUntilIdle();
      world.assertConverged();
      assertFalse(world.anySyncWasReset());
    }
  }
}
