package dev.parlor.relay.storage;

import dev.parlor.crdt.identity.Bytes;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;

/**
 * Tables of durable records in which one batch changes several records, or none of them. Its tables
 * are separate from those of {@link RecordTable}. Safe from any thread.
 *
 * <ul>
 *   <li>A read sees every batch that this process has submitted before, committed or not.
 *   <li>Batches of one owner are applied in the order of their submission.
 *   <li>A batch is applied wholly, in one commit, or not at all. After a crash every batch whose
 *       future completed is stored; each other batch is stored wholly or not at all.
 *   <li>The expectations of a batch are checked when it is applied. If an earlier batch was not
 *       committed, a batch that expects the values of the earlier batch therefore conflicts.
 * </ul>
 *
 * <p>{@code RecordStoreContract} has a test for each of these; a new implementation subclasses it.
 * Every future fails with an {@link java.io.IOException} if the disk refuses. Futures complete on a
 * thread of the store, which must not be blocked.
 */
public interface RecordStore {

  /** The value of a record and its version; empty if there is no such record. */
  CompletableFuture<Optional<Versioned>> read(RecordKey key);

  /** The records of a range. */
  CompletableFuture<List<Entry>> range(Range range);

  /** Applies a batch. */
  CompletableFuture<Outcome> commit(RecordBatch batch);

  /** The name of a record. Tables and keys contain no NUL character. */
  record RecordKey(String table, String key) {}

  /**
   * A mark of a record's value, to be compared only. Two reads give equal versions if the value is
   * the same in both.
   */
  record Version(Bytes mark) {}

  record Versioned(Bytes value, Version version) {}

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

    /** All keys with this prefix, ascending. */
    public static Range ofPrefix(String table, String prefix, int limit) {
      return new Range(table, prefix, prefix + Character.MAX_VALUE, limit, false);
    }

    /** The same records, the greatest keys first. */
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
