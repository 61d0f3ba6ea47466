package dev.parlor.relay.storage;

import dev.parlor.crdt.identity.Bytes;
import java.util.Optional;
import java.util.SortedMap;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;

/**
 * A small durable map from text keys to bytes, for example identities and epochs. Reads see every
 * earlier write of this process at once; a write's future completes after its group commit, or
 * exceptionally with an {@link java.io.IOException}. A read that fails on the disk throws {@link
 * java.io.UncheckedIOException}. Safe from any thread.
 *
 * <p>On a store that several nodes share, {@link #putIfAbsent} and {@link #replace} answer from
 * what this node knows, and the commit decides: if another node was faster, it fails with a {@link
 * ConflictException}, nothing is put, and a later read shows the other node's value.
 */
public interface RecordTable {

  /** The value of the key; empty if it has none. */
  Optional<Bytes> get(String key);

  CompletableFuture<Void> put(String key, Bytes value);

  /**
   * Puts the value unless the key has one.
   *
   * @return the value of the key afterwards, and its commit (an earlier value may not be committed
   *     yet)
   */
  PutIfAbsent putIfAbsent(String key, Bytes value);

  /**
   * Puts the value if the key has the expected value at that moment (compare-and-set). If several
   * callers expect the same value, one of them succeeds. That holds across threads and across nodes
   * that share the table. Leases are built on this.
   *
   * @param expected the result of {@link #get}
   * @return whether the value was put, and its commit; do not rely on the value before the commit
   */
  Replaced replace(String key, Optional<Bytes> expected, Bytes value);

  CompletableFuture<Void> remove(String key);

  /** A copy of the entries whose keys start with {@code prefix}, in key order. */
  SortedMap<String, Bytes> withPrefix(String prefix);

  /**
   * The committed value of the key as the store has it now, which on a store that several nodes
   * share may be newer than {@link #get}. Later reads show at least this value. Costs a request to
   * the cluster, so callers limit how often strangers can cause it.
   */
  default CompletableFuture<Optional<Bytes>> current(String key) {
    return CompletableFuture.completedFuture(get(key));
  }

  /**
   * The value of the key when it is known which of this node's present writes of it are stored.
   * Completed at once if no write is on its way, and always on a store of one node, where no other
   * node can be faster.
   */
  default CompletableFuture<Optional<Bytes>> settled(String key) {
    return CompletableFuture.completedFuture(get(key));
  }

  /**
   * Calls back with the key of each record that another node has put or removed, after {@link #get}
   * shows it; after a broken connection, with each key whose record changed meanwhile. The callback
   * must only enqueue. A store of one node never calls back.
   */
  default void watch(Consumer<String> listener) {}

  /**
   * The outcome of {@link #replace}.
   *
   * @param committed the commit of the value; completed already if no value was put
   */
  record Replaced(boolean replaced, CompletableFuture<Void> committed) {}

  /** The outcome of {@link #putIfAbsent}. */
  record PutIfAbsent(boolean inserted, Bytes value, CompletableFuture<Void> committed) {}
}
