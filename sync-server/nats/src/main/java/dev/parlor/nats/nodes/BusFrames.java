package dev.parlor.nats.nodes;

import dev.parlor.crdt.identity.Bytes;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Splits frames into messages that a server accepts, and joins them. A message begins with its kind
 * (1 byte). A part continues with the number of the frame (8 bytes, chosen by the sender), the
 * index and the count of the parts (4 bytes each). Numbers are big-endian.
 */
final class BusFrames {

  static final byte WHOLE = 0;
  static final byte PART = 1;

  /** The sender has reached the bus again. */
  static final byte RESUMED = 2;

  static final int PART_HEADER_BYTES = 1 + 8 + 4 + 4;

  /** Parts of one frame; a message that names more is malformed and ignored. */
  private static final int PARTS_MAX = 1 << 16;

  private BusFrames() {}

  /** The messages of a frame, none longer than {@code messageBytesMax}. */
  static List<byte[]> messages(Bytes frame, long number, int messageBytesMax) {
    if (frame.length() < messageBytesMax) {
      var message = new byte[1 + frame.length()];
      frame.copyTo(message, 1);
      return List.of(message);
    }
    var partBytes = messageBytesMax - PART_HEADER_BYTES;
    var count = Math.ceilDiv(frame.length(), partBytes);
    var messages = new ArrayList<byte[]>(count);
    for (var index = 0; index < count; index++) {
      var from = index * partBytes;
      var length = Math.min(partBytes, frame.length() - from);
      var message = new byte[PART_HEADER_BYTES + length];
      java.nio.ByteBuffer.wrap(message).put(PART).putLong(number).putInt(index).putInt(count);
      frame.slice(from, length).copyTo(message, PART_HEADER_BYTES);
      messages.add(message);
    }
    return messages;
  }

  /** Joins the parts of frames of one document. Not safe for several threads at once. */
  static final class Joiner {

    private static final class Incomplete {
      private final @Nullable Bytes[] parts;
      private int missing;
      private long bytes;

      private Incomplete(int count) {
        parts = new Bytes[count];
        missing = count;
      }
    }

    private final long bytesMax;

    /** The incomplete frames, the oldest first. */
    private final LinkedHashMap<Long, Incomplete> frames = new LinkedHashMap<>();

    private long bytes;
    private boolean lost;

    Joiner(long bytesMax) {
      this.bytesMax = bytesMax;
    }

    /** Adds a message of kind {@link #PART}; the frame if this was its last missing part. */
    Optional<Bytes> add(Bytes message) {
      if (message.length() < PART_HEADER_BYTES) {
        return Optional.empty();
      }
      var header = message.buffer();
      var number = header.getLong(1);
      var index = header.getInt(9);
      var count = header.getInt(13);
      if (count < 1 || count > PARTS_MAX || index < 0 || index >= count) {
        return Optional.empty();
      }
      var frame = frames.computeIfAbsent(number, _ -> new Incomplete(count));
      if (frame.parts.length != count || frame.parts[index] != null) {
        return Optional.empty();
      }
      var part = message.slice(PART_HEADER_BYTES, message.length() - PART_HEADER_BYTES);
      frame.parts[index] = part;
      frame.missing--;
      frame.bytes += part.length();
      bytes += part.length();
      if (frame.missing == 0) {
        frames.remove(number);
        bytes -= frame.bytes;
        return Optional.of(joined(frame));
      }
      dropOldest();
      return Optional.empty();
    }

    /** Whether a frame was dropped since the last call. */
    boolean takeLoss() {
      var was = lost;
      lost = false;
      return was;
    }

    private void dropOldest() {
      for (Iterator<Incomplete> oldest = frames.values().iterator(); bytes > bytesMax; ) {
        bytes -= oldest.next().bytes;
        oldest.remove();
        lost = true;
      }
    }

    private static Bytes joined(Incomplete frame) {
      var parts = new ArrayList<Bytes>(frame.parts.length);
      for (var part : frame.parts) {
        if (part != null) {
          parts.add(part);
        }
      }
      return Bytes.concat(parts);
    }
  }
}
