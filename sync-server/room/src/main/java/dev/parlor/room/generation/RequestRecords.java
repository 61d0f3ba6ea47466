package dev.parlor.room.generation;

import dev.parlor.crdt.replica.Value;
import java.util.Collection;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * The records of one room's requests in two states: the newest record (the <em>ledger</em>), and
 * the record that the server has <em>shown</em> in the document. Used by one thread at a time.
 */
final class RequestRecords {
  private final Map<String, RunRecord> ledger = new HashMap<>();
  private final Map<String, RunRecord> shown = new TreeMap<>();
  private final SortedMap<String, Value> expected = new TreeMap<>();

  /**
   * Starts with the records on disk. The document already shows the final ones.
   *
   * @param stored the records on disk
   */
  RequestRecords(Collection<RunRecord> stored) {
    stored.forEach(this::put);
    stored.stream().filter(RunRecord::isFinal).forEach(this::show);
  }

  Optional<RunRecord> record(String request) {
    return Optional.ofNullable(ledger.get(request));
  }

  /** The records of all requests that run or have ended. */
  Collection<RunRecord> all() {
    return Collections.unmodifiableCollection(ledger.values());
  }

  List<RunRecord> unfinished() {
    return ledger.values().stream().filter(record -> !record.isFinal()).toList();
  }

  void put(RunRecord record) {
    ledger.put(record.request(), record);
  }

  /** The record that the server has written to the document. */
  Optional<RunRecord> shown(String request) {
    return Optional.ofNullable(shown.get(request));
  }

  boolean isShown(String request) {
    return shown.containsKey(request);
  }

  boolean isShownFinal(String request) {
    return shown(request).filter(RunRecord::isFinal).isPresent();
  }

  /**
   * Whether the request is finished but the document has no record of it yet. The final record is
   * then its first record in the document.
   */
  boolean isFinalButNotShown(String request) {
    return !isShown(request) && record(request).filter(RunRecord::isFinal).isPresent();
  }

  /** Notes that the server writes this record to the document. */
  void show(RunRecord record) {
    shown.put(record.request(), record);
    expected.put(record.request(), ServerFields.result(record));
  }

  /** The results that the document must have, by their requests. */
  SortedMap<String, Value> expected() {
    return Collections.unmodifiableSortedMap(expected);
  }
}
