package dev.parlor.room.generation;

import net.jqwik.api.ForAll;
import net.jqwik.api.Label;
import net.jqwik.api.Property;
import net.jqwik.api.ShrinkingMode;
import net.jqwik.api.Tag;

/**
 * The invariants of {@link GenerationState} hold in random simulations by {@link GenerationWorld}.
 */
class GenerationProperties {

  private static final String RULE =
      "an epoch has at most one call, at most the slots of the room run, no request is lost over a crash,"
          + " each gets one result, and requests start in the order of their admission";

  @Label(RULE)
  @Property(tries = 100, shrinking = ShrinkingMode.OFF)
  void requestsAreAnsweredOnceAndInOrder(@ForAll long seed) {
    check(seed);
  }

  @Label("in many tries: " + RULE)
  @Tag("long")
  @Property(tries = 500, shrinking = ShrinkingMode.OFF)
  void requestsAreAnsweredOnceAndInOrderInManyTries(@ForAll long seed) {
    check(seed);
  }

  private static void check(long seed) {
    GenerationWorld world = new GenerationWorld(seed);
    for (int i = 0; i < 250; i++) {
      world.step();
    }
    world.quiesce();
    world.assertEveryRequestHasItsResult();
    world.assertOrderIsKept();
  }
}
