package dev.parlor.server.relay;

import dev.parlor.crdt.format.ChangeChunk;
import dev.parlor.crdt.sync.SyncMessage;
import java.util.List;

/**
 * A peer's sync message with its changes decoded and hashed, ready for a room.
 *
 * @param bytes of the message, for the limit on what waits for a room
 */
public record Inbound(SyncMessage message, List<ChangeChunk> changes, int bytes) {
  public Inbound {
    changes = List.copyOf(changes);
  }
}
