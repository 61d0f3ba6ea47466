package dev.parlor.nats.records;

import dev.parlor.crdt.identity.Bytes;
import java.nio.ByteBuffer;
import java.util.Optional;

/**
 * The stored form of a record of a table: the kind of the write (1 byte), its writer and the number
 * of the write (8 bytes each, big-endian), and the value. The writer and the number make each
 * message different from all others.
 */
public final class TableMessage {

  private static final byte PUT = 1;
  private static final byte REMOVE = 2;
  private static final int HEADER_BYTES = 1 + 2 * Long.BYTES;

  private TableMessage() {}

  /**
   * The message of a write.
   *
   * @param value empty if the write removes the record
   */
  static byte[] encode(Optional<Bytes> value, long writer, long number) {
    var content = value.orElse(Bytes.EMPTY);
    var message = ByteBuffer.allocate(HEADER_BYTES + content.length());
    message.put(value.isPresent() ? PUT : REMOVE).putLong(writer).putLong(number);
    content.copyTo(message);
    return message.array();
  }

  /** Whether a message is long enough to be one of a record. */
  static boolean isReadable(Bytes message) {
    return message.length() >= HEADER_BYTES;
  }

  /** The process that wrote a message. */
  static long writer(Bytes message) {
    return message.buffer().getLong(1);
  }

  /** The value in a message; empty if it removes the record. */
  public static Optional<Bytes> value(Bytes message) {
    return message.at(0) == PUT
        ? Optional.of(message.slice(HEADER_BYTES, message.length() - HEADER_BYTES))
        : Optional.empty();
  }
}
