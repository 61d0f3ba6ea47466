package dev.parlor.server.relay;

import dev.parlor.crdt.format.ChangeChunk;
import dev.parlor.crdt.format.DecodedChanges;
import dev.parlor.crdt.sync.SyncMessage;
import java.util.List;

/**
 * A peer's sync message with its changes decoded and hashed, ready for a room.
 *
 * @param bytes of the message
 * @param weight of the work that it is, in bytes: those of its changes in plain form, and its
 *     operations at {@link dev.parlor.server.config.Limits.Work#bytesPerOperation}
 * @param ends of the portions in which a room takes the changes in: how many it has after each
 * @param unread changes of the message that are refused before a room sees them
 */
public record Inbound(
    SyncMessage message,
    List<ChangeChunk> changes,
    int bytes,
    long weight,
    List<Integer> ends,
    List<DecodedChanges.Unread> unread) {

  public Inbound {
    unread = List.copyOf(unread);
    changes = List.copyOf(changes);
    ends = List.copyOf(ends);
    if (ends.isEmpty() || ends.getLast() != changes.size()) {
      throw new IllegalArgumentException("the portions are not all changes");
    }
  }

  /** All in one portion. */
  public Inbound(SyncMessage message, List<ChangeChunk> changes, int bytes, long weight) {
    this(message, changes, bytes, weight, List.of(changes.size()), List.of());
  }

  /** Whether a room takes it in more than one step. */
  public boolean isDivided() {
    return ends.size() > 1;
  }

  /** The changes of one portion, from 0. */
  public List<ChangeChunk> portion(int number) {
    return changes.subList(number == 0 ? 0 : ends.get(number - 1), ends.get(number));
  }
}
