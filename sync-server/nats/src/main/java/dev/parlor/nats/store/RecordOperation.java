package dev.parlor.nats.store;

import dev.parlor.crdt.identity.Bytes;
import dev.parlor.nats.records.RecordName;
import java.util.Optional;
import java.util.SortedMap;

/**
 * A change of one record in a document's tables. The log's order decides: each operation looks at
 * the value that the operations before it left, so every node computes the same records.
 */
sealed interface RecordOperation {

  /** The table and the key, as {@link RecordName#of} joins them. */
  String record();

  /** Carries the operation out; returns whether its condition holds. */
  boolean apply(SortedMap<String, Bytes> records);

  /** The bytes that the operation has, roughly. */
  int length();

  record Put(String record, Bytes value) implements RecordOperation {
    @Override
    public boolean apply(SortedMap<String, Bytes> records) {
      records.put(record, value);
      return true;
    }

    @Override
    public int length() {
      return record.length() + value.length();
    }
  }

  record Remove(String record) implements RecordOperation {
    @Override
    public boolean apply(SortedMap<String, Bytes> records) {
      records.remove(record);
      return true;
    }

    @Override
    public int length() {
      return record.length();
    }
  }

  /** Puts the value if the record has the expected one, or if it is absent as expected. */
  record Replace(String record, Optional<Bytes> expected, Bytes value) implements RecordOperation {
    @Override
    public boolean apply(SortedMap<String, Bytes> records) {
      if (Optional.ofNullable(records.get(record)).equals(expected)) {
        records.put(record, value);
        return true;
      }
      return false;
    }

    @Override
    public int length() {
      return record.length() + value.length() + expected.map(Bytes::length).orElse(0);
    }
  }
}
