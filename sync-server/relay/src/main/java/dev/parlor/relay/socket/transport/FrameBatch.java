package dev.parlor.relay.socket.transport;

import java.util.ArrayList;
import java.util.List;

/**
 * Frames that are being sent together. The object is reused for the next frames. Guarded by the
 * lock of its owner.
 */
final class FrameBatch {

  private final List<Frames.Item> items = new ArrayList<>(1);
  private int payloadBytes;
  private int bytesMax;
  private boolean closes;

  List<Frames.Item> items() {
    return items;
  }

  boolean isEmpty() {
    return items.isEmpty();
  }

  /** The number of payload bytes, which count against the outbox's limit. */
  int payloadBytes() {
    return payloadBytes;
  }

  /** The number of bytes that the frames need at most, headers included. */
  int bytesMax() {
    return bytesMax;
  }

  /** Whether the last of these frames is the close frame. */
  boolean closes() {
    return closes;
  }

  void add(Frames.Item item) {
    items.add(item);
    payloadBytes += item.length();
    bytesMax += Frames.HEADER_BYTES_MAX + item.length();
    closes |= item instanceof Frames.Close;
  }

  void clear() {
    items.clear();
    payloadBytes = 0;
    bytesMax = 0;
    closes = false;
  }
}
