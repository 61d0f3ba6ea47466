package dev.parlor.relay.storage;

import dev.parlor.crdt.identity.Bytes;
import dev.parlor.crdt.identity.DocumentId;
import dev.parlor.relay.storage.ChangeStore.ChangeRecord;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
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

  /** A record of a table, or its removal. */
  record Put(String table, String key, @Nullable Bytes value, CompletableFuture<Void> done)
      implements Write {
    @Override
    public long bytes() {
      return 64L + (value == null ? 0 : value.length());
    }
  }
}
