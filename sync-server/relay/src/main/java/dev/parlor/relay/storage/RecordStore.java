package dev.parlor.relay.storage;

import dev.parlor.crdt.identity.Bytes;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;

/**
 * Tables of durable records. A {@link RecordBatch} changes several records together, or none of
 * them. The tables are separate from those of {@link RecordTable}. Safe from any thread.
 *
 * <ul>
 *   <li>A read sees every batch that this process has submitted before, committed or not.
 *   <li>Batches of one {@linkplain RecordBatch#owner owner} are applied in the order of their
 *       submission.
 *   <li>A batch is applied wholly, in one commit, or not at all. After a crash every batch whose
 *       future completed is stored; each other batch is stored wholly or not at all.
 *   <li>The versions that a batch expects are checked when the batch is applied. If an earlier
 *       batch fails, each later batch that expects its values therefore conflicts.
 * </ul>
 *
 * <p>{@code RecordStoreContract} has a test for each of these; the test class of a new
 * implementation extends it. Every future fails with an {@link java.io.IOException} if the disk
 * refuses. Futures complete on a thread of the store, which must not be blocked.
 */
public interface RecordStore {

  /** The value of a record and its version; empty if there is no such record. */
  CompletableFuture<Optional<VersionedValue>> read(RecordKey key);

  /** The records of a range. */
  CompletableFuture<List<Entry>> range(Range range);

  /** Applies a batch. */
  CompletableFuture<Outcome> commit(RecordBatch batch);

  /** The name of a record. Tables and keys contain no NUL character. */
  record RecordKey(String table, String key) {}

  /**
   * Stands for one value of a record. Versions can only be compared: two reads give equal versions
   * if the value is the same in both.
   */
  record Version(Bytes mark) {}

  record VersionedValue(Bytes value, Version version) {}

  record Entry(String key, Bytes value) {}

  /**
   * Some records of one table, in the order of their keys (by UTF-16 code units).
   *
   * @param from the first key, included
   * @param to the end, excluded
   * @param limit the maximum number of records, at least 1
   * @param descending whether the records with the greatest keys come first
   */
  record Range(String table, String from, String to, int limit, boolean descending) {

    /** The records whose keys have this prefix, ascending. */
    public static Range ofPrefix(String table, String prefix, int limit) {
      return new Range(table, prefix, prefix + Character.MAX_VALUE, limit, false);
    }

    /** The same range in the opposite order; the limit then counts from its other end. */
    public Range reversed() {
      return new Range(table, from, to, limit, !descending);
    }
  }

  /** The outcome of a batch. */
  sealed interface Outcome {

    /** The batch is durable. */
    record Committed() implements Outcome {}

    /**
     * Nothing of the batch was applied.
     *
     * @param key the first record that was not as expected
     */
    record Conflict(RecordKey key) implements Outcome {}
  }
}
