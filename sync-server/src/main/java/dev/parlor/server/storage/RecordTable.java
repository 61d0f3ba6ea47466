package dev.parlor.server.storage;

import dev.parlor.crdt.identity.Bytes;
import java.util.Optional;
import java.util.SortedMap;
import java.util.concurrent.CompletableFuture;

/**
 * A small durable map from text keys to bytes: rooms, identities, epochs. Reads see every earlier
 * write of this process at once; a write's future completes after its group commit, or
 * exceptionally with an {@link java.io.IOException}. What has to look at the store, and cannot,
 * throws {@link java.io.UncheckedIOException}. Safe from any thread.
 */
public interface RecordTable {

  Optional<Bytes> get(String key);

  CompletableFuture<Void> put(String key, Bytes value);

  /**
   * Puts the value unless the key has one.
   *
   * @return the value that the key has afterwards, and the commit that holds it (a value that stood
   *     there already may still be on its way to the disk)
   */
  PutIfAbsent putIfAbsent(String key, Bytes value);

  /**
   * Puts the value if the key has the expected one at that moment: of several who expect the same,
   * one succeeds, whichever thread, and whichever node where nodes share the table. This is what
   * leases rest on.
   *
   * @param expected what {@link #get} returned
   * @return whether it was put, and the commit that holds it; nobody may rely on it before that
   */
  Replaced replace(String key, Optional<Bytes> expected, Bytes value);

  CompletableFuture<Void> remove(String key);

  /** A copy of the entries whose keys start with {@code prefix}, in key order. */
  SortedMap<String, Bytes> withPrefix(String prefix);

  /**
   * The outcome of {@link #replace}.
   *
   * @param committed completed when nothing was put
   */
  record Replaced(boolean replaced, CompletableFuture<Void> committed) {}

  /** The outcome of {@link #putIfAbsent}. */
  record PutIfAbsent(boolean inserted, Bytes value, CompletableFuture<Void> committed) {}
}
