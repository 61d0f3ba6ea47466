package dev.parlor.nats.store;

import dev.parlor.crdt.identity.Bytes;
import dev.parlor.crdt.identity.DocumentId;
import dev.parlor.relay.storage.RecordTable;
import java.util.Optional;
import java.util.SortedMap;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;

/**
 * A table that all nodes have in memory, as one document's part of it: a record that is put here is
 * stored before what is appended to the document afterwards.
 */
final class OrderedTable implements RecordTable {

  private final RecordTable table;
  private final DocumentId document;
  private final DocumentWrites writes;

  OrderedTable(RecordTable table, DocumentId document, DocumentWrites writes) {
    this.table = table;
    this.document = document;
    this.writes = writes;
  }

  @Override
  public Optional<Bytes> get(String key) {
    return table.get(key);
  }

  @Override
  public CompletableFuture<Void> put(String key, Bytes value) {
    return writes.await(document, table.put(key, value));
  }

  @Override
  public PutIfAbsent putIfAbsent(String key, Bytes value) {
    var put = table.putIfAbsent(key, value);
    return new PutIfAbsent(put.inserted(), put.value(), writes.await(document, put.committed()));
  }

  @Override
  public Replaced replace(String key, Optional<Bytes> expected, Bytes value) {
    var replaced = table.replace(key, expected, value);
    return replaced.replaced()
        ? new Replaced(true, writes.await(document, replaced.committed()))
        : replaced;
  }

  @Override
  public CompletableFuture<Void> remove(String key) {
    return writes.await(document, table.remove(key));
  }

  @Override
  public SortedMap<String, Bytes> withPrefix(String prefix) {
    return table.withPrefix(prefix);
  }

  @Override
  public void watch(Consumer<String> listener) {
    table.watch(listener);
  }
}
