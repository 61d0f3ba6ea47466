package dev.parlor.server.relay;

import dev.parlor.crdt.identity.Bytes;
import org.jspecify.annotations.Nullable;

/**
 * Remembers messages without changes by their bytes. Everybody in a room acknowledges the same
 * heads with the same bytes at about the same time, so that one of them is read and the others are
 * compared. Used by one thread.
 */
public final class AckCache {

  private static final int SLOTS = 64;

  /** Longer ones are rarely said twice. */
  private static final int BYTES_MAX = 256;

  /** A type byte, a count of heads, and four bytes of the first hash. */
  private static final int BYTES_MIN = 6;

  private final @Nullable Bytes[] keys = new Bytes[SLOTS];
  private final @Nullable Inbound[] messages = new Inbound[SLOTS];

  /** What these bytes said when they came last, if that is known. */
  public @Nullable Inbound find(Bytes data) {
    if (data.length() < BYTES_MIN || data.length() > BYTES_MAX) {
      return null;
    }
    var slot = slot(data);
    return data.equals(keys[slot]) ? messages[slot] : null;
  }

  /** What these bytes say; the last of each slot is remembered. */
  public void add(Bytes data, Inbound inbound) {
    if (inbound.changes().isEmpty() && data.length() >= BYTES_MIN && data.length() <= BYTES_MAX) {
      var slot = slot(data);
      keys[slot] = Bytes.wrap(data.toArray());
      messages[slot] = inbound;
    }
  }

  /** The first head is a hash: any bits of it will do. */
  private static int slot(Bytes data) {
    return (data.at(2) ^ data.at(5)) & (SLOTS - 1);
  }
}
