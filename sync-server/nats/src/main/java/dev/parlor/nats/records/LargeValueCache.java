package dev.parlor.nats.records;

import dev.parlor.crdt.identity.Bytes;
import java.util.LinkedHashMap;
import java.util.Optional;

/** Large values that were read last, by the name of their object. Safe from any thread. */
final class LargeValueCache {

  private final long bytesMax;
  private final LinkedHashMap<String, Bytes> values = new LinkedHashMap<>(16, 0.75f, true);
  private long bytes;

  /**
   * @param bytesMax bytes of all values; above: the least recently used are dropped
   */
  LargeValueCache(long bytesMax) {
    this.bytesMax = bytesMax;
  }

  synchronized Optional<Bytes> get(String object) {
    return Optional.ofNullable(values.get(object));
  }

  synchronized void put(String object, Bytes value) {
    if (value.length() > bytesMax / 4 || values.putIfAbsent(object, value) != null) {
      return;
    }
    bytes += value.length();
    while (bytes > bytesMax) {
      var oldest = values.pollFirstEntry();
      bytes -= oldest == null ? bytes : oldest.getValue().length();
    }
  }
}
