package dev.parlor.room.access;

import dev.parlor.crdt.identity.Bytes;
import dev.parlor.relay.storage.RecordTable;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.SortedMap;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;

/**
 * One node's view of a table that several nodes share. A change of another node calls the watchers
 * of this node.
 */
final class SharedTable implements RecordTable {
  private final RecordTable table;
  private final List<SharedTable> nodes;
  private final List<Consumer<String>> watchers = new ArrayList<>();

  /**
   * @param nodes the views of all nodes; the constructor adds this view
   */
  SharedTable(RecordTable table, List<SharedTable> nodes) {
    this.table = table;
    this.nodes = nodes;
    nodes.add(this);
  }

  private CompletableFuture<Void> changed(String key, CompletableFuture<Void> committed) {
    for (var node : nodes) {
      if (node != this) {
        node.watchers.forEach(watcher -> watcher.accept(key));
      }
    }
    return committed;
  }

  @Override
  public Optional<Bytes> get(String key) {
    return table.get(key);
  }

  @Override
  public CompletableFuture<Void> put(String key, Bytes value) {
    return changed(key, table.put(key, value));
  }

  @Override
  public PutIfAbsent putIfAbsent(String key, Bytes value) {
    var outcome = table.putIfAbsent(key, value);
    var _ = changed(key, outcome.committed());
    return outcome;
  }

  @Override
  public Replaced replace(String key, Optional<Bytes> expected, Bytes value) {
    var outcome = table.replace(key, expected, value);
    var _ = changed(key, outcome.committed());
    return outcome;
  }

  @Override
  public CompletableFuture<Void> remove(String key) {
    return changed(key, table.remove(key));
  }

  @Override
  public SortedMap<String, Bytes> withPrefix(String prefix) {
    return table.withPrefix(prefix);
  }

  @Override
  public void watch(Consumer<String> listener) {
    watchers.add(listener);
  }
}
