package dev.parlor.nats.store;

import dev.parlor.crdt.identity.Bytes;
import java.util.BitSet;
import java.util.Collections;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.SequencedMap;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * The records of a document's tables after some entries of its log, and the outcome of the last
 * entry of each writer. The outcome goes into each object, since the writer may still wait for it
 * when another node folds and truncates the log. Not safe for several threads.
 */
public final class RecordState {

  /**
   * Writers whose last entry is kept for a document; above: the writer that wrote least recently is
   * forgotten, and a late repetition of its entry would count as new.
   */
  private static final int WRITERS_MAX = 64;

  private final TreeMap<String, Bytes> records;
  private final LinkedHashMap<Long, Long> writers;
  private final HashMap<Long, BitSet> withoutEffect;

  /** The state after no entry. */
  RecordState() {
    this(Map.of(), Map.of(), Map.of());
  }

  /** The state with these records, which no entry has. */
  RecordState(Map<String, Bytes> records) {
    this(records, Map.of(), Map.of());
  }

  private RecordState(
      Map<String, Bytes> records, Map<Long, Long> writers, Map<Long, BitSet> withoutEffect) {
    this.records = new TreeMap<>(records);
    this.writers = new LinkedHashMap<>(writers);
    this.withoutEffect = new HashMap<>(withoutEffect);
  }

  /** The state that an object has. */
  static RecordState of(LogEntry object) {
    var state = new RecordState(Map.of(), object.writers(), object.withoutEffect());
    object.operations().forEach(operation -> operation.apply(state.records));
    return state;
  }

  RecordState copy() {
    return new RecordState(records, writers, withoutEffect);
  }

  /** The records, each under the name that its operations have. */
  public SortedMap<String, Bytes> records() {
    return Collections.unmodifiableSortedMap(records);
  }

  /** The counts of the writers' last entries; the writer that wrote last is the last one. */
  SequencedMap<Long, Long> writers() {
    return Collections.unmodifiableSequencedMap(writers);
  }

  /** The writers whose last entry has operations without effect, with the places of these. */
  Map<Long, BitSet> withoutEffect() {
    return Collections.unmodifiableMap(withoutEffect);
  }

  /**
   * The places of the operations without effect in the last entry of a writer.
   *
   * @return empty if the last entry of the writer is another one, or is not known any more
   */
  Optional<BitSet> outcome(long writer, long count) {
    var last = writers.get(writer);
    return last != null && last == count
        ? Optional.of(withoutEffect.getOrDefault(writer, new BitSet()))
        : Optional.empty();
  }

  /** Carries the operations of an entry out, unless the entry is a repetition. */
  void apply(LogEntry entry) {
    if (!isNew(entry)) {
      return;
    }
    var failed = new BitSet();
    for (var i = 0; i < entry.operations().size(); i++) {
      if (!entry.operations().get(i).apply(records)) {
        failed.set(i);
      }
    }
    for (var writer : entry.writers().keySet()) {
      if (failed.isEmpty()) {
        withoutEffect.remove(writer);
      } else {
        withoutEffect.put(writer, failed);
      }
    }
  }

  /** Whether an entry was not applied before; remembers its count. */
  private boolean isNew(LogEntry entry) {
    var isNew = true;
    for (var writer : entry.writers().entrySet()) {
      var before = writers.remove(writer.getKey());
      isNew &= before == null || before < writer.getValue();
      writers.put(
          writer.getKey(),
          before == null ? writer.getValue() : Long.valueOf(Math.max(before, writer.getValue())));
    }
    while (writers.size() > WRITERS_MAX) {
      withoutEffect.remove(writers.pollFirstEntry().getKey());
    }
    return isNew;
  }
}
