package dev.parlor.crdt.operations;

import dev.parlor.crdt.identity.Bytes;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** The map keys of one document, each kept once and known by its number. */
final class KeyTable {

  private final Map<Bytes, Integer> numbers = new HashMap<>();
  private final List<Bytes> keys = new ArrayList<>();
  private Bytes last = Bytes.EMPTY;
  private int lastNumber;

  /** The number of keys before the staged change. */
  private int before;

  Bytes key(int number) {
    return keys.get(number);
  }

  /**
   * The key's number; a new key gets the next one. Operations of a run share one instance of the
   * key, so the key is looked up once.
   */
  @SuppressWarnings("ReferenceEquality") // equal bytes of another instance are merely looked up
  int number(Bytes key) {
    if (key == last) {
      return lastNumber;
    }
    var known = numbers.get(key);
    if (known == null) {
      known = keys.size();
      var owned = Bytes.wrap(key.toArray());
      numbers.put(owned, known);
      keys.add(owned);
    }
    last = key;
    lastNumber = known;
    return known;
  }

  void begin() {
    before = keys.size();
    last = Bytes.EMPTY; // its number may have been rolled back since; keys are not empty
  }

  void rollback() {
    while (keys.size() > before) {
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
