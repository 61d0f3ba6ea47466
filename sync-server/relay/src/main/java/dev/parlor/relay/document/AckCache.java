package dev.parlor.relay.document;

import dev.parlor.crdt.identity.Bytes;
import org.jspecify.annotations.Nullable;

/**
 * Caches the decoded form of sync messages that contain no changes, keyed by the bytes of the
 * message. All peers of a document acknowledge the same heads with the same bytes at about the same
 * time. So only the first of these messages is decoded. Used by one thread.
 */
public final class AckCache {

  private static final int SLOTS = 64;

  /** Longer messages are not cached, because they are rarely received twice. */
  private static final int BYTES_MAX = 256;

  /** The type byte, the number of heads, and four bytes of the first head. */
  private static final int BYTES_MIN = 6;

  private final @Nullable Bytes[] keys = new Bytes[SLOTS];
  private final @Nullable InboundMessage[] messages = new InboundMessage[SLOTS];

  /** The decoded message for these bytes; null when it is not cached. */
  public @Nullable InboundMessage find(Bytes data) {
    if (data.length() < BYTES_MIN || data.length() > BYTES_MAX) {
      return null;
    }
    var slot = slot(data);
    return data.equals(keys[slot]) ? messages[slot] : null;
  }

  /** Caches a decoded message; it replaces the previous message of its slot. */
  public void add(Bytes data, InboundMessage inbound) {
    if (inbound.changes().isEmpty() && data.length() >= BYTES_MIN && data.length() <= BYTES_MAX) {
      var slot = slot(data);
      keys[slot] = Bytes.wrap(data.toArray());
      messages[slot] = inbound;
    }
  }

  /** The slot for a message, computed from bytes of the first head, which is a hash already. */
  private static int slot(Bytes data) {
    return (data.at(2) ^ data.at(5)) & (SLOTS - 1);
  }
}
