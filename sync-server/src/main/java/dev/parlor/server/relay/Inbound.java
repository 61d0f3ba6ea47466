package dev.parlor.server.relay;

import dev.parlor.crdt.format.ChangeChunk;
import dev.parlor.crdt.sync.SyncMessage;
import java.util.List;

/**
 * A peer's sync message with its changes decoded and hashed, ready for a room.
 *
 * @param bytes of the message
 * @param weight of the work that it is, in bytes: those of its changes in plain form, and its
 *     operations at {@link dev.parlor.server.config.Limits.Work#bytesPerOperation}
 */
public record Inbound(SyncMessage message, List<ChangeChunk> changes, int bytes, long weight) {
  public Inbound {
    changes = List.copyOf(changes);
  }
}
