package dev.parlor.nats;

import dev.parlor.relay.storage.RecordBatch;
import dev.parlor.relay.storage.RecordStore;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;

/** Records that change together, one subject for each record. */
final class NatsRecordStore implements RecordStore {

  @Override
  public CompletableFuture<Optional<VersionedValue>> read(RecordKey key) {
    return CompletableFuture.completedFuture(Optional.empty());
  }

  @Override
  public CompletableFuture<List<Entry>> range(Range range) {
    return CompletableFuture.completedFuture(List.of());
  }

  @Override
  public CompletableFuture<Outcome> commit(RecordBatch batch) {
    return CompletableFuture.failedFuture(new UnsupportedOperationException());
  }
}
