package dev.parlor.room.generation;

import dev.parlor.model.ModelClient;
import dev.parlor.room.limits.ServiceLimits;
import dev.parlor.room.schema.Uuid7;
import dev.parlor.room.worker.RoomMetrics;
import java.util.function.Consumer;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/**
 * Services that the generation of all rooms shares; safe from any thread.
 *
 * @param terms terms of the room leases; null without other nodes
 * @param onForget called when a room has closed and its generation has ended
 */
record GenerationServices(
    Ledger ledger,
    ModelClient model,
    BuiltPrompt.Preparation preparation,
    ServiceLimits.Generation limits,
    RoomMetrics metrics,
    RandomGenerator random,
    RoomLease.@Nullable Terms terms,
    Consumer<RoomGeneration> onForget) {

  String newRequest(long now) {
    return Uuid7.of(now, random);
  }

  void forget(RoomGeneration generation) {
    onForget.accept(generation);
  }
}
