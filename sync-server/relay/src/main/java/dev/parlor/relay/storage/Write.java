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

  /** The approximate bytes of memory that it holds until it is committed. */
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

  /** Log records that a committed snapshot covers, wholly ({@code gone}) or in part. */
  record Trim(
      List<Long> gone, Map<Long, List<ChangeRecord>> rest, long bytes, CompletableFuture<Void> done)
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
