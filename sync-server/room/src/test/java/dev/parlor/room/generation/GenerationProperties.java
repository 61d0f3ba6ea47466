package dev.parlor.room.generation;

import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.ShrinkingMode;

/**
 * Invariants under any behavior of peers, forgers, disks, models and crashes; see {@link
 * GenerationWorld}.
 */
class GenerationProperties {

  @Property(tries = 500, shrinking = ShrinkingMode.OFF)
  void oneCallPerEpochOneRunAtATimeOneResultPerRequest(@ForAll long seed) {
    GenerationWorld world = new GenerationWorld(seed);
    for (int i = 0; i < 250; i++) {
      world.step();
    }
    world.settle();
    world.everyRequestSeenHasItsResult();
  }
}
