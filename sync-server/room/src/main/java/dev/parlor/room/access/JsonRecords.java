package dev.parlor.room.access;

import com.fasterxml.jackson.core.JacksonException;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.parlor.crdt.identity.Bytes;
import java.io.IOException;
import java.io.UncheckedIOException;

/**
 * Converts the records of one table to JSON and back. Safe from any thread.
 *
 * @param <T> a Java record of strings, numbers and flags
 */
final class JsonRecords<T> {
  private static final ObjectMapper JSON = new ObjectMapper();

  private final String table;
  private final Class<T> type;

  JsonRecords(String table, Class<T> type) {
    this.table = table;
    this.type = type;
  }

  Bytes write(T stored) {
    try {
      return Bytes.wrap(JSON.writeValueAsBytes(stored));
    } catch (JacksonException e) {
      throw new IllegalStateException("a record of strings is always writable", e);
    }
  }

  /**
   * Reads a stored record.
   *
   * @throws UncheckedIOException if the record is not JSON of this type
   */
  T read(Bytes record) {
    try {
      return JSON.readValue(record.toArray(), type);
    } catch (IOException e) {
      throw new UncheckedIOException("a record of the table " + table + " is unreadable", e);
    }
  }
}
