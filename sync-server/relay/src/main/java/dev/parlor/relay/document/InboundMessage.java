package dev.parlor.relay.document;

import dev.parlor.crdt.format.ChangeChunk;
import dev.parlor.crdt.format.DecodedChanges;
import dev.parlor.crdt.sync.SyncEncoder.Snapshot;
import dev.parlor.crdt.sync.SyncMessage;
import java.util.List;
import java.util.Optional;

/**
 * A peer's sync message with its changes decoded and hashed, ready for a document.
 *
 * @param bytes size of the message
 * @param cost estimated cost in bytes: the size of its changes in plain form, plus {@link
 *     dev.parlor.relay.config.Limits.Work#bytesPerOperation} for each operation
 * @param ends the end of each portion in which a document admits the changes, as an index into
 *     {@code changes}, exclusive
 * @param unread changes of the message that the decoder refused, without reading their operations
 * @param document the document chunk of a long document that the changes came in, written anew
 */
public record InboundMessage(
    SyncMessage message,
    List<ChangeChunk> changes,
    int bytes,
    long cost,
    List<Integer> ends,
    List<DecodedChanges.Unread> unread,
    Optional<Snapshot> document) {

  public InboundMessage {
    unread = List.copyOf(unread);
    changes = List.copyOf(changes);
    ends = List.copyOf(ends);
    if (ends.isEmpty() || ends.getLast() != changes.size()) {
      throw new IllegalArgumentException("the portions do not cover all changes");
    }
  }

  /** Creates a message whose changes came singly. */
  public InboundMessage(
      SyncMessage message,
      List<ChangeChunk> changes,
      int bytes,
      long cost,
      List<Integer> ends,
      List<DecodedChanges.Unread> unread) {
    this(message, changes, bytes, cost, ends, unread, Optional.empty());
  }

  /** Creates a message with all its changes in one portion. */
  public InboundMessage(SyncMessage message, List<ChangeChunk> changes, int bytes, long cost) {
    this(message, changes, bytes, cost, List.of(changes.size()), List.of(), Optional.empty());
  }

  /** Whether a document admits the changes in more than one step. */
  public boolean isDivided() {
    return ends.size() > 1;
  }

  /** The changes of one portion; portions are numbered from 0. */
  public List<ChangeChunk> portion(int number) {
    return changes.subList(number == 0 ? 0 : ends.get(number - 1), ends.get(number));
  }
}
