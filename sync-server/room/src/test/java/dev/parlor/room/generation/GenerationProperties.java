package dev.parlor.room.generation;

import net.jqwik.api.ForAll;
import net.jqwik.api.Label;
import net.jqwik.api.Property;
import net.jqwik.api.ShrinkingMode;

/**
 * The invariants of {@link GenerationState} hold in random simulations by {@link GenerationWorld}.
 */
class GenerationProperties {

  @Label("an epoch has at most one call, one run is active at a time, each request gets one result")
  @Property(tries = 500, shrinking = ShrinkingMode.OFF)
  void oneCallPerEpochOneRunAtATimeOneResultPerRequest(@ForAll long seed) {
    GenerationWorld world = new GenerationWorld(seed);
    for (int i = 0; i < 250; i++) {
      world.step();
    }
    world.quiesce();
    world.assertEveryObservedRequestHasItsResult();
  }
}
