package dev.parlor.relay.document;

import dev.parlor.crdt.identity.Bytes;
import org.jspecify.annotations.Nullable;

/**
 * Caches decoded sync messages without changes, keyed by their bytes. All peers of a document
 * acknowledge the same heads with the same bytes at about the same time. So the first such message
 * is decoded and the others are only compared with it. Used by one thread.
 */
public final class AckCache {

  private static final int SLOTS = 64;

  /** Longer messages are not cached, because they rarely come twice. */
  private static final int BYTES_MAX = 256;

  /** A type byte, a count of heads, and four bytes of the first hash. */
  private static final int BYTES_MIN = 6;

  private final @Nullable Bytes[] keys = new Bytes[SLOTS];
  private final @Nullable Inbound[] messages = new Inbound[SLOTS];

  /** The decoded message for these bytes; null when it is not cached. */
  public @Nullable Inbound find(Bytes data) {
    if (data.length() < BYTES_MIN || data.length() > BYTES_MAX) {
      return null;
    }
    var slot = slot(data);
    return data.equals(keys[slot]) ? messages[slot] : null;
  }

  /** Caches a decoded message; it replaces the previous message of its slot. */
  public void add(Bytes data, Inbound inbound) {
    if (inbound.changes().isEmpty() && data.length() >= BYTES_MIN && data.length() <= BYTES_MAX) {
      var slot = slot(data);
      keys[slot] = Bytes.wrap(data.toArray());
      messages[slot] = inbound;
    }
  }

  /**
   * The slot is taken from bits of the first head; a head is a hash, so any of its bits will do.
   */
  private static int slot(Bytes data) {
    return (data.at(2) ^ data.at(5)) & (SLOTS - 1);
  }
}
