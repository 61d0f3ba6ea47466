package dev.parlor.nats.store;

import dev.parlor.crdt.identity.Bytes;
import dev.parlor.nats.client.StoredMessage;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Splits the stored form of an entry into messages of a limited size, and joins them again. A
 * message begins with its kind (1 byte). A part continues with the entry's number (16 random
 * bytes), its index and the count (4 bytes each, big-endian).
 *
 * <p>The parts of an entry follow each other on their subject without another message between them:
 * each part is stored only if the part before it is the last message. An entry without its last
 * part, followed by another message, therefore never becomes valid.
 */
final class EntryParts {

  private static final byte WHOLE = 0;
  private static final byte PART = 1;

  /** A message without content, after which parts before it can no longer be continued. */
  private static final byte FENCE = 2;

  private static final int NUMBER_BYTES = 16;
  private static final int HEADER_BYTES = 1 + NUMBER_BYTES + 4 + 4;

  private EntryParts() {}

  static byte[] fence() {
    return new byte[] {FENCE};
  }

  /** The messages of an entry, each of at most {@code bytesMax} bytes of content. */
  static List<byte[]> split(Bytes entry, Bytes number, int bytesMax) {
    if (entry.length() <= bytesMax) {
      var message = new byte[1 + entry.length()];
      entry.copyTo(message, 1);
      return List.of(message);
    }
    var count = Math.ceilDiv(entry.length(), bytesMax);
    var messages = new ArrayList<byte[]>(count);
    for (var index = 0; index < count; index++) {
      var from = index * bytesMax;
      var length = Math.min(bytesMax, entry.length() - from);
      var message = ByteBuffer.allocate(HEADER_BYTES + length);
      message.put(PART);
      number.copyTo(message);
      message.putInt(index).putInt(count);
      entry.slice(from, length).copyTo(message);
      messages.add(message.array());
    }
    return messages;
  }

  /** An entry and the sequence of its last message. */
  record Joined(Bytes entry, long sequence) {}

  /** Joins the messages of one document in the order of their sequences. */
  static final class Joiner {
    private final List<Bytes> parts = new ArrayList<>();
    private Bytes number = Bytes.EMPTY;

    /**
     * The sequence of the first part of an entry that may still be continued; 0 if there is none.
     */
    private long openFrom;

    /** Adds the next message; the entry that it completes. */
    Optional<Joined> add(StoredMessage message) {
      var data = message.data();
      var kind = data.isEmpty() ? FENCE : data.at(0);
      if (kind == PART && data.length() > HEADER_BYTES) {
        return addPart(message);
      }
      drop();
      return kind == WHOLE
          ? Optional.of(new Joined(data.slice(1, data.length() - 1), message.sequence()))
          : Optional.empty();
    }

    private Optional<Joined> addPart(StoredMessage message) {
      var data = message.data();
      var header = data.buffer();
      var index = header.getInt(1 + NUMBER_BYTES);
      var count = header.getInt(1 + NUMBER_BYTES + 4);
      var itsNumber = data.slice(1, NUMBER_BYTES);
      if (index == 0) {
        drop();
        number = itsNumber;
        openFrom = message.sequence();
      } else if (index != parts.size() || !itsNumber.equals(number)) {
        drop();
        return Optional.empty();
      }
      parts.add(data.slice(HEADER_BYTES, data.length() - HEADER_BYTES));
      if (parts.size() < count) {
        return Optional.empty();
      }
      var entry = Bytes.concat(parts);
      drop();
      return Optional.of(new Joined(entry, message.sequence()));
    }

    /** The first sequence of parts at the end that may still be continued; 0 if there are none. */
    long openFrom() {
      return openFrom;
    }

    private void drop() {
      parts.clear();
      number = Bytes.EMPTY;
      openFrom = 0;
    }
  }
}
