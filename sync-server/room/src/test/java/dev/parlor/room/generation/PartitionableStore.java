package dev.parlor.room.generation;

import dev.parlor.crdt.identity.Bytes;
import dev.parlor.crdt.identity.ChangeHash;
import dev.parlor.crdt.identity.DocumentId;
import dev.parlor.crdt.identity.StorageId;
import dev.parlor.relay.storage.ChangeStore;
import dev.parlor.relay.storage.RecordTable;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import java.util.concurrent.CompletableFuture;

/** One node's connection to shared tables, which a test can cut. */
final class PartitionableStore implements ChangeStore {
  private final ChangeStore shared;
  private volatile boolean cut;

  PartitionableStore(ChangeStore shared) {
    this.shared = shared;
  }

  void cut(boolean isCut) {
    cut = isCut;
  }

  @Override
  public RecordTable table(String name) {
    return new CutTable(shared.table(name));
  }

  @Override
  public RecordTable tableOf(DocumentId document, String name) {
    return new CutTable(shared.tableOf(document, name));
  }

  private final class CutTable implements RecordTable {
    private final RecordTable table;

    private CutTable(RecordTable table) {
      this.table = table;
    }

    private RecordTable requireConnected() {
      if (cut) {
        throw new UncheckedIOException(new IOException("the store cannot be reached"));
      }
      return table;
    }

    @Override
    public Optional<Bytes> get(String key) {
      return requireConnected().get(key);
    }

    @Override
    public CompletableFuture<Void> put(String key, Bytes value) {
      return cut
          ? CompletableFuture.failedFuture(new IOException("the store cannot be reached"))
          : table.put(key, value);
    }

    @Override
    public PutIfAbsent putIfAbsent(String key, Bytes value) {
      return requireConnected().putIfAbsent(key, value);
    }

    @Override
    public Replaced replace(String key, Optional<Bytes> expected, Bytes value) {
      return requireConnected().replace(key, expected, value);
    }

    @Override
    public CompletableFuture<Void> remove(String key) {
      return cut
          ? CompletableFuture.failedFuture(new IOException("the store cannot be reached"))
          : table.remove(key);
    }

    @Override
    public SortedMap<String, Bytes> withPrefix(String prefix) {
      return requireConnected().withPrefix(prefix);
    }
  }

  // Generation stores no changes.

  @Override
  public StorageId storageId() {
    return shared.storageId();
  }

  @Override
  public CompletableFuture<Void> refresh(DocumentId document) {
    return cut
        ? CompletableFuture.failedFuture(new IOException("the store cannot be reached"))
        : shared.refresh(document);
  }

  @Override
  public Optional<StoredDocument> load(DocumentId document) {
    throw new UnsupportedOperationException();
  }

  @Override
  public boolean contains(DocumentId document) {
    throw new UnsupportedOperationException();
  }

  @Override
  public Set<DocumentId> documents() {
    throw new UnsupportedOperationException();
  }

  @Override
  public CompletableFuture<Void> append(DocumentId document, List<ChangeRecord> changes) {
    throw new UnsupportedOperationException();
  }

  @Override
  public CompletableFuture<Void> compact(
      DocumentId document, Bytes snapshot, Set<ChangeHash> covered) {
    throw new UnsupportedOperationException();
  }

  @Override
  public CompletableFuture<Void> remove(DocumentId document) {
    throw new UnsupportedOperationException();
  }

  @Override
  public void close() {}
}
