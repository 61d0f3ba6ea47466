package dev.parlor.room.access;

import dev.parlor.crdt.identity.Bytes;
import dev.parlor.relay.cluster.BriefRecords;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.function.Supplier;

/** The brief records of nodes in one process, for tests. */
public final class MemoryBriefRecords implements BriefRecords {
  private record Held(Bytes value, Instant until) {}

  private final InstantSource clock;
  private final Map<String, Held> records = new HashMap<>();
  private boolean isAway;

  public MemoryBriefRecords(InstantSource clock) {
    this.clock = clock;
  }

  /** From now on, no call is answered, or calls are answered again. */
  public synchronized void setAway(boolean away) {
    isAway = away;
  }

  /** The keys and values of all records, as texts. */
  public synchronized Set<String> texts() {
    var texts = new java.util.HashSet<>(records.keySet());
    records.values().forEach(held -> texts.add(held.value().toUtf8()));
    return texts;
  }

  private synchronized <T> CompletableFuture<T> answer(Supplier<T> call) {
    records.values().removeIf(held -> !clock.instant().isBefore(held.until()));
    return isAway
        ? CompletableFuture.failedFuture(new IOException("the cluster does not answer"))
        : CompletableFuture.completedFuture(call.get());
  }

  private Held held(Bytes value, Duration lifetime) {
    if (lifetime.toMillis() < 1_000 || lifetime.compareTo(LIFETIME_MAX) > 0) {
      throw new IllegalArgumentException("a record lives from 1 s to 24 h, not " + lifetime);
    }
    return new Held(value, clock.instant().plus(lifetime));
  }

  @Override
  public CompletableFuture<Boolean> putOnce(String key, Bytes value, Duration lifetime) {
    return answer(() -> records.putIfAbsent(key, held(value, lifetime)) == null);
  }

  @Override
  public CompletableFuture<Void> put(String key, Bytes value, Duration lifetime) {
    return answer(
        () -> {
          records.put(key, held(value, lifetime));
          return null;
        });
  }

  @Override
  public CompletableFuture<Optional<Bytes>> get(String key) {
    return answer(() -> Optional.ofNullable(records.get(key)).map(Held::value));
  }

  @Override
  public CompletableFuture<Optional<Bytes>> take(String key) {
    return answer(() -> Optional.ofNullable(records.remove(key)).map(Held::value));
  }
}
