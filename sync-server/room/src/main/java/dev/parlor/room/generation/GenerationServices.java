package dev.parlor.room.generation;

import dev.parlor.model.ModelClient;
import dev.parlor.room.limits.ServiceLimits;
import dev.parlor.room.schema.Uuid7;
import dev.parlor.room.worker.RoomMetrics;
import java.util.function.Consumer;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/**
 * Services that the generation of all rooms shares. Safe from any thread.
 *
 * @param leaseSettings null without other nodes
 * @param onClosed called when a room has closed and its generation has ended
 */
record GenerationServices(
    Ledger ledger,
    ModelClient model,
    BuiltPrompt.Preparation preparation,
    PromptImages images,
    ServiceLimits.Generation limits,
    RoomMetrics metrics,
    RandomGenerator random,
    RoomLease.@Nullable Settings leaseSettings,
    Consumer<RoomGeneration> onClosed) {

  String newRequestId(long now) {
    return Uuid7.of(now, random);
  }

  void closed(RoomGeneration generation) {
    onClosed.accept(generation);
  }
}
