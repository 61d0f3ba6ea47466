package dev.parlor.relay.storage;

import dev.parlor.crdt.identity.Bytes;
import dev.parlor.crdt.identity.DocumentId;
import dev.parlor.relay.storage.ChangeStore.ChangeRecord;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CyclicBarrier;
import org.jspecify.annotations.Nullable;

/** A write for the next group commit; {@link #done} completes with its outcome. */
sealed interface Write {

  CompletableFuture<Void> done();

  /** The approximate number of bytes that the write holds in memory until it is committed. */
  long bytes();

  /** Changes to append to a document's log. */
  record Append(
      DocumentId document, List<ChangeRecord> changes, long bytes, CompletableFuture<Void> done)
      implements Write {}

  /** A snapshot that replaces the previous one. */
  record Snapshot(DocumentId document, Bytes contents, CompletableFuture<Void> done)
      implements Write {
    @Override
    public long bytes() {
      return contents.length();
    }
  }

  /**
   * The removal of changes that a committed snapshot covers.
   *
   * @param removed keys of log records that the snapshot covers completely
   * @param shortened the remaining changes of records that it covers in part, by key
   */
  record Trim(
      List<Long> removed,
      Map<Long, List<ChangeRecord>> shortened,
      long bytes,
      CompletableFuture<Void> done)
      implements Write {}

  /** The removal of a document. */
  record Remove(DocumentId document, CompletableFuture<Void> done) implements Write {
    @Override
    public long bytes() {
      return 64L;
    }
  }

  /**
   * Records that change together. The commit decides whether they are as the batch expects; it
   * stores the conflict, if any, before it completes the future.
   */
  final class Batch implements Write {
    private final RecordBatch batch;
    private final CompletableFuture<Void> done;
    private final long bytes;
    private RecordStore.@Nullable RecordKey conflict;

    Batch(RecordBatch batch, CompletableFuture<Void> done) {
      this.batch = batch;
      this.done = done;
      var sum = 0L;
      for (var value : batch.puts().values()) {
        sum += 64L + value.map(Bytes::length).orElse(0);
      }
      this.bytes = sum;
    }

    @Override
    public CompletableFuture<Void> done() {
      return done;
    }

    @Override
    public long bytes() {
      return bytes;
    }

    /** Applies the batch, if the records are as it expects; a repeated call decides again. */
    void apply(Database database) throws IOException {
      conflict = null;
      for (var expected : batch.expected().entrySet()) {
        var key = expected.getKey();
        var present = Optional.ofNullable(database.record(key.table(), key.key()));
        if (!present.equals(expected.getValue().map(RecordStore.Version::mark))) {
          conflict = key;
          return;
        }
      }
      batch
          .puts()
          .forEach((key, value) -> database.putRecord(key.table(), key.key(), value.orElse(null)));
    }

    /** The outcome; valid when the future has completed. */
    RecordStore.Outcome outcome() {
      var key = conflict;
      return key == null
          ? new RecordStore.Outcome.Committed()
          : new RecordStore.Outcome.Conflict(key);
    }
  }

  /**
   * A request for the state of the files as the group's commit leaves it.
   *
   * @param cut lets the commit threads of all shards wait for each other, so that no later commit
   *     of a shard happens before the states of all others are taken
   * @param state completed by the commit thread
   */
  record Freeze(
      CyclicBarrier cut, CompletableFuture<FrozenStore> state, CompletableFuture<Void> done)
      implements Write {
    @Override
    public long bytes() {
      return 64L;
    }
  }

  /** A record of a table, or its removal. */
  record Put(String table, String key, @Nullable Bytes value, CompletableFuture<Void> done)
      implements Write {
    @Override
    public long bytes() {
      return 64L + (value == null ? 0 : value.length());
    }
  }
}
