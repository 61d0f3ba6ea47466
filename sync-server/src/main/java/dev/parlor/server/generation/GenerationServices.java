package dev.parlor.server.generation;

import dev.parlor.crdt.room.Uuid7;
import dev.parlor.model.ModelClient;
import dev.parlor.server.config.Limits;
import dev.parlor.server.health.Metrics;
import java.util.function.Consumer;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/**
 * What the generation of every room shares; all of it safe from any thread.
 *
 * @param terms of the leases on rooms, when other nodes serve them too; null when none does
 * @param onForget told when a room's generation has ended with its room
 */
record GenerationServices(
    Ledger ledger,
    ModelClient model,
    BuiltPrompt.Preparation preparation,
    Limits.Generation limits,
    Metrics metrics,
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
