package dev.parlor.nats;

import dev.parlor.crdt.identity.Bytes;
import dev.parlor.relay.cluster.BriefRecords;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;

/** Brief records in a stream in the memory of the servers. */
final class NatsBriefRecords implements BriefRecords {

  NatsBriefRecords(ClusterClient client) {}

  @Override
  public CompletableFuture<Boolean> putOnce(String key, Bytes value, Duration lifetime) {
    return CompletableFuture.failedFuture(new UnsupportedOperationException());
  }

  @Override
  public CompletableFuture<Void> put(String key, Bytes value, Duration lifetime) {
    return CompletableFuture.failedFuture(new UnsupportedOperationException());
  }

  @Override
  public CompletableFuture<Optional<Bytes>> get(String key) {
    return CompletableFuture.failedFuture(new UnsupportedOperationException());
  }

  @Override
  public CompletableFuture<Optional<Bytes>> take(String key) {
    return CompletableFuture.failedFuture(new UnsupportedOperationException());
  }
}
