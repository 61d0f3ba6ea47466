package dev.parlor.crdt.operations;

import dev.parlor.crdt.identity.Bytes;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The map keys of one document. Each key is stored once and has a number. */
final class KeyTable {

  private final Map<Bytes, Integer> numbers = new HashMap<>();
  private final List<Bytes> keys = new ArrayList<>();

  /** The last key of the staged change; null at its beginning. */
  private @Nullable Bytes lastKey;

  private int lastNumber;

  /** The number of keys before the staged change. */
  private int sizeBefore;

  Bytes key(int number) {
    return keys.get(number);
  }

  /**
   * The key's number; a new key gets the next number. Operations of a run have the same instance of
   * the key, so the instance is compared first.
   */
  @SuppressWarnings("ReferenceEquality") // for an equal key of another instance the map is used
  int number(Bytes key) {
    if (key == lastKey) {
      return lastNumber;
    }
    var number = numbers.get(key);
    if (number == null) {
      number = keys.size();
      var owned = Bytes.wrap(key.toArray());
      numbers.put(owned, number);
      keys.add(owned);
    }
    lastKey = key;
    lastNumber = number;
    return number;
  }

  void begin() {
    sizeBefore = keys.size();
    lastKey = null; // the last number may have been rolled back
  }

  void rollback() {
    while (keys.size() > sizeBefore) {
      numbers.remove(keys.removeLast());
    }
  }

  long heapBytes() {
    var bytes = 0L;
    for (var key : keys) {
      bytes += 120 + key.length();
    }
    return bytes;
  }
}
