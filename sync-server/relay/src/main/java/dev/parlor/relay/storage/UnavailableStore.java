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
 * The placeholder of a shard that the operator excluded or that is damaged as a whole [DU4].
 * Loading any of its documents fails. {@link #contains} is always true, because the shard may store
 * the document. No document is listed and nothing is written, so the files on the disk stay as they
 * are.
 */
final class UnavailableStore implements ShardStore {

  private final String reason;

  /**
   * @param reason a sentence that names the shard
   */
  UnavailableStore(String reason) {
    this.reason = reason;
  }

  String reason() {
    return reason;
  }

  @Override
  public StorageId storageId() {
    throw new IllegalStateException(reason);
  }

  @Override
  public Optional<StoredDocument> load(DocumentId document) throws IOException {
    throw CorruptDocumentException.ofShard(document, reason);
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
    return failed(document.value());
  }

  @Override
  public CompletableFuture<Void> compact(
      DocumentId document, Bytes snapshot, Set<ChangeHash> covered) {
    return failed(document.value());
  }

  @Override
  public CompletableFuture<Void> remove(DocumentId document) {
    return failed(document.value());
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

  private CompletableFuture<Void> failed(String documentOrKey) {
    return CompletableFuture.failedFuture(failure(documentOrKey));
  }

  private IOException failure(String documentOrKey) {
    return new IOException(documentOrKey + ": " + reason);
  }

  private final class UnavailableTable implements RecordTable {

    @Override
    public Optional<Bytes> get(String key) {
      throw new UncheckedIOException(failure(key));
    }

    @Override
    public CompletableFuture<Void> put(String key, Bytes value) {
      return failed(key);
    }

    @Override
    public PutIfAbsent putIfAbsent(String key, Bytes value) {
      throw new UncheckedIOException(failure(key));
    }

    @Override
    public Replaced replace(String key, Optional<Bytes> expected, Bytes value) {
      throw new UncheckedIOException(failure(key));
    }

    @Override
    public CompletableFuture<Void> remove(String key) {
      return failed(key);
    }

    @Override
    public SortedMap<String, Bytes> withPrefix(String prefix) {
      throw new UncheckedIOException(failure(prefix));
    }
  }
}
