package dev.parlor.apps.record;

import dev.parlor.crdt.identity.Bytes;
import dev.parlor.relay.storage.RecordBatch;
import dev.parlor.relay.storage.RecordStore;
import dev.parlor.relay.storage.RecordStore.Entry;
import dev.parlor.relay.storage.RecordStore.Range;
import dev.parlor.relay.storage.RecordStore.RecordKey;
import dev.parlor.relay.storage.RecordStore.VersionedValue;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Reads and writes of records that take effect together. The transaction commits only if every
 * record that {@link #read} returned is still the same. Used by one thread.
 */
public final class Transaction {
  private final RecordStore store;
  private final Map<RecordKey, Optional<VersionedValue>> reads = new HashMap<>();
  private final Map<RecordKey, Optional<Bytes>> writes = new LinkedHashMap<>();

  Transaction(RecordStore store) {
    this.store = store;
  }

  /** The value of a record; the transaction does not commit if the record changes meanwhile. */
  public Optional<Bytes> read(RecordKey key) {
    var written = writes.get(key);
    return written != null
        ? written
        : reads
            .computeIfAbsent(key, absent -> store.read(absent).join())
            .map(VersionedValue::value);
  }

  /**
   * Records of a range as they are before this transaction. The transaction commits even if they
   * change meanwhile; read a record of their owner to prevent that.
   */
  public List<Entry> range(Range range) {
    return store.range(range).join();
  }

  public void put(RecordKey key, Bytes value) {
    writes.put(key, Optional.of(value));
  }

  public void remove(RecordKey key) {
    writes.put(key, Optional.empty());
  }

  boolean writes() {
    return !writes.isEmpty();
  }

  RecordBatch batch(String owner) {
    var batch = RecordBatch.of(owner);
    reads.forEach(batch::expect);
    writes.forEach(
        (key, value) -> {
          if (value.isPresent()) {
            batch.put(key, value.get());
          } else {
            batch.remove(key);
          }
        });
    return batch.build();
  }
}
