package dev.parlor.room.access;

import dev.parlor.crdt.identity.Bytes;
import dev.parlor.relay.storage.RecordTable;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentSkipListMap;

/** A table in memory, for tests. */
public final class MemoryTable implements RecordTable {
  private final ConcurrentSkipListMap<String, Bytes> map = new ConcurrentSkipListMap<>();

  @Override
  public Optional<Bytes> get(String key) {
    return Optional.ofNullable(map.get(key));
  }

  @Override
  public CompletableFuture<Void> put(String key, Bytes value) {
    map.put(key, value);
    return CompletableFuture.completedFuture(null);
  }

  @Override
  public PutIfAbsent putIfAbsent(String key, Bytes value) {
    var existing = map.putIfAbsent(key, value);
    return new PutIfAbsent(
        existing == null,
        existing == null ? value : existing,
        CompletableFuture.completedFuture(null));
  }

  @Override
  public Replaced replace(String key, Optional<Bytes> expected, Bytes value) {
    var replaced =
        expected.isPresent()
            ? map.replace(key, expected.get(), value)
            : map.putIfAbsent(key, value) == null;
    return new Replaced(replaced, CompletableFuture.completedFuture(null));
  }

  @Override
  public CompletableFuture<Void> remove(String key) {
    map.remove(key);
    return CompletableFuture.completedFuture(null);
  }

  @Override
  public SortedMap<String, Bytes> withPrefix(String prefix) {
    return new TreeMap<>(map.subMap(prefix, prefix + '\uffff'));
  }
}
