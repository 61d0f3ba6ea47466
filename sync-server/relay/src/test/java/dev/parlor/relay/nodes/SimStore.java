package dev.parlor.relay.nodes;

import dev.parlor.crdt.identity.Bytes;
import dev.parlor.crdt.identity.ChangeHash;
import dev.parlor.crdt.identity.DocumentId;
import dev.parlor.crdt.identity.StorageId;
import dev.parlor.relay.storage.ChangeStore;
import dev.parlor.relay.storage.RecordTable;
import java.io.IOException;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;

/**
 * The store of a simulated node: the tables that all nodes share, and a log of changes, which may
 * be shared too.
 */
public record SimStore(ChangeStore log, ChangeStore tables) implements ChangeStore {

  @Override
  public StorageId storageId() {
    return log.storageId();
  }

  @Override
  public Optional<StoredDocument> load(DocumentId document) throws IOException {
    return log.load(document);
  }

  @Override
  public boolean contains(DocumentId document) {
    return log.contains(document);
  }

  @Override
  public Set<DocumentId> documents() {
    return log.documents();
  }

  @Override
  public CompletableFuture<Void> append(DocumentId document, List<ChangeRecord> changes) {
    return log.append(document, changes);
  }

  @Override
  public CompletableFuture<Void> compact(
      DocumentId document, Bytes snapshot, Set<ChangeHash> covered) {
    return log.compact(document, snapshot, covered);
  }

  @Override
  public CompletableFuture<Void> remove(DocumentId document) {
    return log.remove(document);
  }

  @Override
  public RecordTable table(String name) {
    return tables.table(name);
  }

  @Override
  public RecordTable tableOf(DocumentId document, String name) {
    return tables.tableOf(document, name);
  }

  @Override
  public void close() throws IOException {
    log.close();
  }
}
