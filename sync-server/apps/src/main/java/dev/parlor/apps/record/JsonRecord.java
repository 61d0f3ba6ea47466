package dev.parlor.apps.record;

import com.fasterxml.jackson.core.JacksonException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.json.JsonMapper;
import dev.parlor.crdt.identity.Bytes;
import java.io.IOException;
import java.io.UncheckedIOException;

/**
 * The JSON form of one kind of stored record. Members that a later version has added are ignored.
 * Safe from any thread.
 *
 * @param <T> a Java record of texts, numbers, booleans, lists and maps
 */
public final class JsonRecord<T> {
  private static final ObjectMapper JSON =
      JsonMapper.builder().disable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES).build();

  private final Class<T> type;

  public JsonRecord(Class<T> type) {
    this.type = type;
  }

  public Bytes write(T record) {
    try {
      return Bytes.wrap(JSON.writeValueAsBytes(record));
    } catch (JacksonException e) {
      throw new IllegalStateException("a record is always writable", e);
    }
  }

  /**
   * Reads a stored record.
   *
   * @throws UncheckedIOException if the bytes are no JSON of this type
   */
  public T read(Bytes stored) {
    try {
      return JSON.readValue(stored.toArray(), type);
    } catch (IOException e) {
      throw new UncheckedIOException("a " + type.getSimpleName() + " is unreadable", e);
    }
  }
}
