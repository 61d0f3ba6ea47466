package dev.parlor.relay.storage;

import dev.parlor.crdt.identity.Bytes;
import dev.parlor.relay.storage.RecordStore.RecordKey;
import dev.parlor.relay.storage.RecordStore.Version;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/**
 * Records that change together.
 *
 * @param owner the name of the user or context that all records of the batch belong to; a store on
 *     several machines may keep the batch as one record of this owner
 * @param expected the version that each of these records must have, empty for no record
 * @param puts the new values, empty to remove the record
 */
public record RecordBatch(
    String owner,
    Map<RecordKey, Optional<Version>> expected,
    Map<RecordKey, Optional<Bytes>> puts) {

  public RecordBatch {
    expected = Map.copyOf(expected);
    // The order of the puts stays, so that a failure always concerns the same record.
    puts = java.util.Collections.unmodifiableMap(new LinkedHashMap<>(puts));
  }

  /** A builder of a batch of this owner. */
  public static Builder of(String owner) {
    return new Builder(owner);
  }

  /** Collects the parts of a batch. */
  public static final class Builder {
    private final String owner;
    private final Map<RecordKey, Optional<Version>> expected = new LinkedHashMap<>();
    private final Map<RecordKey, Optional<Bytes>> puts = new LinkedHashMap<>();

    private Builder(String owner) {
      this.owner = owner;
    }

    /** The record must still be as it was read. */
    public Builder expect(RecordKey key, Optional<RecordStore.VersionedValue> read) {
      expected.put(key, read.map(RecordStore.VersionedValue::version));
      return this;
    }

    public Builder put(RecordKey key, Bytes value) {
      puts.put(key, Optional.of(value));
      return this;
    }

    public Builder remove(RecordKey key) {
      puts.put(key, Optional.empty());
      return this;
    }

    public RecordBatch build() {
      return new RecordBatch(owner, expected, puts);
    }
  }
}
