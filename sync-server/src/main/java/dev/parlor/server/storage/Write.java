package dev.parlor.server.storage;

import dev.parlor.crdt.identity.Bytes;
import dev.parlor.crdt.identity.DocumentId;
import dev.parlor.server.storage.ChangeStore.ChangeRecord;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/** Something to put on disk with the next group commit; {@link #done} tells how it went. */
sealed interface Write {

  CompletableFuture<Void> done();

  /** About how much memory it holds until it is committed. */
  long bytes();

  /** Changes for the end of a document's log. */
  record Append(
      DocumentId document, List<ChangeRecord> changes, long bytes, CompletableFuture<Void> done)
      implements Write {}

  /** A new snapshot in place of the old one. */
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

  /** Everything of a document, to be forgotten. */
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
