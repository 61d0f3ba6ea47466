package dev.parlor.crdt.replica;

import dev.parlor.crdt.identity.Bytes;
import java.util.Collections;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * A value of an Automerge document, without the bindings' types; immutable. Automerge for
 * JavaScript writes a string as {@link Text} and an {@code ImmutableString} as {@link Str}.
 */
public sealed interface Value {

  /** The null scalar; a missing key is an absent value instead. */
  record Null() implements Value {}

  record Bool(boolean value) implements Value {}

  /**
   * An integer. It is read with all 64 bits. A limit of the bindings affects writing: an integer
   * beyond 32 bits is written as a {@link Float}, and beyond 2^53 it is refused.
   */
  record Int(long value) implements Value {}

  /**
   * An unsigned integer below 2^63. JavaScript writes one only if the program asks for it. Written
   * as an {@link Int}.
   */
  record Uint(long value) implements Value {
    public Uint {
      if (value < 0) {
        throw new IllegalArgumentException("an unsigned integer of 2^63 or more is not supported");
      }
    }
  }

  /** A double; JavaScript writes numbers with a fraction as doubles. */
  @SuppressWarnings("AvoidCommonTypeNames") // the name of the kind in every Automerge text
  record Float(double value) implements Value {}

  /** A scalar string. It is replaced as a whole; of concurrent values, one wins. */
  record Str(String value) implements Value {}

  /** A byte string; also used for scalars of unknown types. */
  record Blob(Bytes value) implements Value {}

  record Counter(long value) implements Value {}

  /** Milliseconds since the epoch. */
  record Timestamp(long millis) implements Value {}

  /** Collaborative text: concurrent insertions are all kept. */
  record Text(String value) implements Value {}

  /** Entries ordered by key (UTF-16 order), so that equal maps print equally. */
  record MapOf(SortedMap<String, Value> entries) implements Value {
    public MapOf {
      entries = Collections.unmodifiableSortedMap(new TreeMap<>(entries));
    }
  }

  record ListOf(List<Value> items) implements Value {
    public ListOf {
      items = List.copyOf(items);
    }
  }

  Value NULL = new Null();

  static Value of(boolean value) {
    return new Bool(value);
  }

  static Value of(long value) {
    return new Int(value);
  }

  static Value of(double value) {
    return new Float(value);
  }

  /** A scalar string; {@link #text} makes a collaborative text. */
  static Value of(String value) {
    return new Str(value);
  }

  static Value text(String value) {
    return new Text(value);
  }

  static Value list(List<? extends Value> items) {
    return new ListOf(List.copyOf(items));
  }

  /** A map of alternating keys and values; throws if a key is not a string or repeats. */
  static Value map(Object... keysAndValues) {
    if (keysAndValues.length % 2 != 0) {
      throw new IllegalArgumentException("a map needs a value for every key");
    }
    var entries = new TreeMap<String, Value>();
    for (var i = 0; i < keysAndValues.length; i += 2) {
      if (!(keysAndValues[i] instanceof String key
          && keysAndValues[i + 1] instanceof Value value)) {
        throw new IllegalArgumentException("a map alternates String keys and Values");
      }
      if (entries.put(key, value) != null) {
        throw new IllegalArgumentException("the key '" + key + "' repeats");
      }
    }
    return new MapOf(entries);
  }
}
