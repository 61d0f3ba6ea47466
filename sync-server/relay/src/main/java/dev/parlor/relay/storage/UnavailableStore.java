package dev.parlor.relay.storage;

import dev.parlor.crdt.identity.Bytes;
import dev.parlor.crdt.identity.ChangeHash;
import dev.parlor.crdt.identity.DocumentId;
import dev.parlor.crdt.identity.StorageId;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import java.util.concurrent.CompletableFuture;

/**
 * The placeholder of a shard that is left out or damaged as a whole [DU4]. Each of its documents is
 * unavailable by name, no document is new, and nothing is written. The files on the disk stay as
 * they are.
 */
final class UnavailableStore implements ShardStore {

  private final String why;

  /**
   * @param why a sentence that names the shard
   */
  UnavailableStore(String why) {
    this.why = why;
  }

  String why() {
    return why;
  }

  @Override
  public StorageId storageId() {
    throw new IllegalStateException(why);
  }

  @Override
  public Optional<StoredDocument> load(DocumentId document) throws IOException {
    throw CorruptDocumentException.ofShard(document, why);
  }

  @Override
  public boolean contains(DocumentId document) {
    return true;
  }

  @Override
  public Set<DocumentId> documents() {
    return Set.of();
  }

  @Override
  public CompletableFuture<Void> append(DocumentId document, List<ChangeRecord> changes) {
    return refused(document.value());
  }

  @Override
  public CompletableFuture<Void> compact(
      DocumentId document, Bytes snapshot, Set<ChangeHash> covered) {
    return refused(document.value());
  }

  @Override
  public CompletableFuture<Void> remove(DocumentId document) {
    return refused(document.value());
  }

  @Override
  public RecordTable table(String name) {
    return new UnavailableTable();
  }

  @Override
  public RecordTable tableOf(DocumentId document, String name) {
    return new UnavailableTable();
  }

  @Override
  public void close() {}

  private CompletableFuture<Void> refused(String what) {
    return CompletableFuture.failedFuture(problem(what));
  }

  private IOException problem(String what) {
    return new IOException(what + ": " + why);
  }

  private final class UnavailableTable implements RecordTable {

    @Override
    public Optional<Bytes> get(String key) {
      throw new UncheckedIOException(problem(key));
    }

    @Override
    public CompletableFuture<Void> put(String key, Bytes value) {
      return refused(key);
    }

    @Override
    public PutIfAbsent putIfAbsent(String key, Bytes value) {
      throw new UncheckedIOException(problem(key));
    }

    @Override
    public Replaced replace(String key, Optional<Bytes> expected, Bytes value) {
      throw new UncheckedIOException(problem(key));
    }

    @Override
    public CompletableFuture<Void> remove(String key) {
      return refused(key);
    }

    @Override
    public SortedMap<String, Bytes> withPrefix(String prefix) {
      throw new UncheckedIOException(problem(prefix));
    }
  }
}
