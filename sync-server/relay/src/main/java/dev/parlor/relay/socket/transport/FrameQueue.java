package dev.parlor.relay.socket.transport;

import dev.parlor.crdt.identity.PeerId;
import dev.parlor.relay.health.Metrics;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The frames of one outbox, in order, and their number and bytes. Frames that are being sent count
 * until they are sent. Guarded by the outbox's lock.
 */
final class FrameQueue {

  private final Metrics metrics;

  /** Queued frames; null in the place of an ephemeral message that was dropped. */
  private List<Frames.@Nullable Item> waiting = new ArrayList<>(4);

  /** The index in {@link #waiting} of each author's newest ephemeral message. */
  private final Map<PeerId, Integer> ephemerals = new HashMap<>(0);

  /** Frames taken out of {@link #waiting} to be sent, from {@link #batchIndex} on. */
  private List<Frames.@Nullable Item> batch = new ArrayList<>(4);

  private int batchIndex;
  private int frames;
  private long bytes;

  FrameQueue(Metrics metrics) {
    this.metrics = metrics;
  }

  int frames() {
    return frames;
  }

  long bytes() {
    return bytes;
  }

  void add(Frames.Item item) {
    waiting.add(item);
    frames++;
    bytes += item.length();
  }

  /** Adds the newest ephemeral message of an author. */
  void addEphemeral(Frames.Message message, PeerId author) {
    ephemerals.put(author, waiting.size());
    add(message);
  }

  /** Drops the author's ephemeral message if it still waits; false if there is none. */
  boolean dropEphemeral(PeerId author) {
    @Nullable Integer index = ephemerals.get(author);
    if (index == null) {
      return false;
    }
    var item = waiting.set(index, null);
    if (item != null) {
      frames--;
      bytes -= item.length();
      metrics.ephemeralDropped("slow");
    }
    return true;
  }

  /**
   * Moves the next frames to a batch, which will be sent: at most {@code bytesMax} bytes, but at
   * least one frame.
   *
   * @param target an empty batch
   * @return false if no frames wait
   */
  boolean take(FrameBatch target, int bytesMax) {
    if (batchIndex == batch.size()) {
      batch.clear();
      batchIndex = 0;
      var empty = batch;
      batch = waiting;
      waiting = empty;
      ephemerals.clear();
    }
    for (; batchIndex < batch.size(); batchIndex++) {
      var item = batch.get(batchIndex);
      if (item == null) {
        continue;
      }
      var itemBytesMax = Frames.HEADER_BYTES_MAX + item.length();
      if (!target.isEmpty() && target.bytesMax() + itemBytesMax > bytesMax) {
        break;
      }
      target.add(item);
      metrics.frameOut(item.length());
    }
    return !target.isEmpty();
  }

  /** Records that a batch was sent, and clears it. */
  void sent(FrameBatch sent) {
    frames -= sent.items().size();
    bytes -= sent.payloadBytes();
    sent.clear();
  }

  /** Discards the queued frames; frames that are being sent still count. */
  void discard() {
    for (var item : waiting) {
      discard(item);
    }
    waiting.clear();
    for (; batchIndex < batch.size(); batchIndex++) {
      discard(batch.get(batchIndex));
    }
    ephemerals.clear();
  }

  private void discard(Frames.@Nullable Item item) {
    if (item != null) {
      frames--;
      bytes -= item.length();
    }
  }

  /** Discards all frames, also those that are being sent. */
  void clear() {
    discard();
    batch.clear();
    batchIndex = 0;
    frames = 0;
    bytes = 0;
  }
}
