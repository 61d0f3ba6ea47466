package dev.parlor.nats.records;

import dev.parlor.crdt.identity.Bytes;
import dev.parlor.nats.client.StoredMessage;
import java.io.IOException;
import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;

/**
 * One message of a batch of records, as the stream keeps it, big-endian:
 *
 * <pre>
 *   version u8 | kind u8 | batch 16 random bytes | index u16 | count u16 | time u64 | content
 * </pre>
 *
 * The messages of a batch have consecutive sequences, so each of them tells where its batch ends.
 *
 * @param batch the name of the batch, different for all batches
 * @param index the number of this message in its batch, from 0
 * @param count the number of messages in the batch; the last one is its end
 * @param millis when the batch was written, by the clock of its node
 */
record BatchMessage(Bytes batch, int index, int count, long millis, Content content) {

  static final int BATCH_BYTES = 16;
  private static final byte VERSION = 1;
  private static final byte VALUE = 1;
  private static final byte LARGE = 2;
  private static final byte REMOVED = 3;
  private static final byte MARK = 4;
  private static final int HEADER_BYTES = 2 + BATCH_BYTES + 2 + 2 + 8;
  private static final int SHA256_BYTES = 32;

  /** What a message says. */
  sealed interface Content {}

  /** A message without a record: the end of a batch, or an expectation. */
  record Mark() implements Content {}

  /**
   * The new value of a record.
   *
   * @param name the table and the key, as {@link RecordName#of} joins them
   */
  record Written(String name, State state) implements Content {}

  /** The state of a record. */
  sealed interface State {}

  /** A value that the message has itself. */
  record Small(Bytes value) implements State {}

  /** A value that is an object of its own, see {@link LargeValues}. */
  record Large(String object, int parts, int length, Bytes sha256) implements State {}

  /** There is no such record any more. */
  record Removed() implements State {}

  /** The place of the batch's last message relative to this one. */
  int toEnd() {
    return count - 1 - index;
  }

  byte[] encode() {
    return switch (content) {
      case Mark() -> written(header(MARK, 0));
      case Written record -> encode(record);
    };
  }

  private byte[] encode(Written record) {
    var text = record.name().getBytes(StandardCharsets.UTF_8);
    return switch (record.state()) {
      case Small small -> {
        var message = named(VALUE, text, small.value().length());
        small.value().copyTo(message);
        yield written(message);
      }
      case Large large -> {
        var message = named(LARGE, text, BATCH_BYTES + 4 + 4 + SHA256_BYTES);
        Bytes.ofHex(large.object()).copyTo(message);
        message.putInt(large.parts()).putInt(large.length());
        large.sha256().copyTo(message);
        yield written(message);
      }
      case Removed() -> written(named(REMOVED, text, 0));
    };
  }

  private static byte[] written(ByteBuffer message) {
    var bytes = new byte[message.flip().remaining()];
    message.get(bytes);
    return bytes;
  }

  private ByteBuffer named(byte kind, byte[] name, int bytes) {
    return header(kind, 4 + name.length + bytes).putInt(name.length).put(name);
  }

  private ByteBuffer header(byte kind, int bytes) {
    var message = ByteBuffer.allocate(HEADER_BYTES + bytes);
    message.put(VERSION).put(kind);
    batch.copyTo(message);
    return message.putShort((short) index).putShort((short) count).putLong(millis);
  }

  static BatchMessage decode(StoredMessage stored) throws IOException {
    var data = stored.data();
    try {
      var buffer = data.buffer();
      var version = buffer.get();
      if (version != VERSION) {
        throw new IOException(
            "a newer version of Parlor wrote a record (version "
                + version
                + "); run the same version on all nodes");
      }
      var kind = buffer.get();
      var batch = bytes(buffer, BATCH_BYTES);
      var index = Short.toUnsignedInt(buffer.getShort());
      var count = Short.toUnsignedInt(buffer.getShort());
      var millis = buffer.getLong();
      var content = kind == MARK ? new Mark() : written(kind, buffer);
      return new BatchMessage(batch, index, count, millis, content);
    } catch (BufferUnderflowException | NegativeArraySizeException e) {
      throw new IOException("the record at " + stored.sequence() + " is damaged", e);
    }
  }

  private static Content written(byte kind, ByteBuffer buffer) throws IOException {
    var name = bytes(buffer, buffer.getInt()).toUtf8();
    return new Written(
        name,
        switch (kind) {
          case VALUE -> new Small(bytes(buffer, buffer.remaining()));
          case LARGE ->
              new Large(
                  bytes(buffer, BATCH_BYTES).toHex(),
                  buffer.getInt(),
                  buffer.getInt(),
                  bytes(buffer, SHA256_BYTES));
          case REMOVED -> new Removed();
          default -> throw new IOException("a record has the unknown kind " + kind);
        });
  }

  private static Bytes bytes(ByteBuffer buffer, int length) {
    if (length > buffer.remaining()) {
      throw new BufferUnderflowException();
    }
    var bytes = new byte[length];
    buffer.get(bytes);
    return Bytes.wrap(bytes);
  }
}
