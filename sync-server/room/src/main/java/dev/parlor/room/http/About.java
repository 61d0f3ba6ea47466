package dev.parlor.room.http;

import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.function.Supplier;

/**
 * The facts about the server that its page shows or needs.
 *
 * @param storageId the storage id with which {@code remote-heads} messages report saved heads [DU2]
 * @param peerId the server's peer id in the sync protocol
 * @param models the models that a room may choose, the default model first
 * @param rehearsal whether the built-in model answers, because no model endpoint is configured
 * @param appsAddress the address of published apps, with {@code {app}} and {@code {user}} in the
 *     place of the slugs; known when the server listens
 * @param saved when a cluster tells that a change is saved: {@code disk} or {@code quorum}; empty
 *     on one machine, where it is on the disk
 */
public record About(
    String version,
    String storageId,
    String peerId,
    List<Model> models,
    boolean rehearsal,
    Supplier<String> appsAddress,
    Optional<String> saved) {

  public About {
    models = List.copyOf(models);
  }

  /**
   * A model that a room may choose.
   *
   * @param endpoint the name of its endpoint; empty for the rehearsal model
   * @param contextTokens the most tokens of a prompt and its answer, if known
   * @param tokensMax the most tokens of an answer, if known
   */
  public record Model(
      String name,
      String endpoint,
      OptionalInt contextTokens,
      OptionalInt tokensMax,
      boolean takesImages,
      Optional<Price> price,
      Waits waits) {}

  /** US dollars per million tokens. */
  public record Price(double input, double output) {}

  /** Milliseconds after which a call fails: without a first word, between words, and in all. */
  public record Waits(long firstWordMs, long betweenWordsMs, long totalMs) {}
}
