package dev.parlor.nats.store;

import dev.parlor.crdt.identity.Bytes;
import dev.parlor.relay.storage.ChangeStore.ChangeRecord;
import java.util.List;
import java.util.Optional;
import java.util.SortedMap;

/**
 * All that the cluster stores of one document.
 *
 * @param revision the sequence of the pointer, 0 if there is none
 * @param tail the changes that are stored beside the snapshot, in their order
 * @param state the records of the document's tables
 * @param last the last sequence of the log that was read
 * @param foldableTo the last sequence that a new object may stand for: no entry that may still
 *     become valid began before it
 */
public record DocumentContent(
    Pointer pointer,
    long revision,
    Optional<Bytes> snapshot,
    List<ChangeRecord> tail,
    RecordState state,
    long last,
    long foldableTo) {

  /** The records of the document's tables. */
  public SortedMap<String, Bytes> records() {
    return state.records();
  }

  /** Whether the document has a snapshot or changes. */
  public boolean isStored() {
    return snapshot.isPresent() || !tail.isEmpty();
  }
}
