package dev.parlor.crdt.content;

import dev.parlor.crdt.format.ByteReader;
import dev.parlor.crdt.format.ByteWriter;
import dev.parlor.crdt.identity.Bytes;
import dev.parlor.crdt.operations.OperationReader;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/** The encoding of values that are no objects. */
final class Scalars {

  private Scalars() {}

  /** An encoded value: its type and its bytes. */
  record Encoded(int type, Bytes bytes) {
    static final Encoded NULL = new Encoded(OperationReader.NULL, Bytes.EMPTY);

    /** The type and the length, as the column of values has them. */
    long meta() {
      return ((long) bytes.length() << 4) | type;
    }
  }

  /**
   * Reads an admitted value.
   *
   * @param increments the sum of the increments, which only a counter has
   */
  static ContentValue decode(int type, Bytes value, long increments) {
    return switch (type) {
      case OperationReader.NULL -> new ContentValue.Null();
      case OperationReader.FALSE -> new ContentValue.Bool(false);
      case OperationReader.TRUE -> new ContentValue.Bool(true);
      case OperationReader.UINT -> new ContentValue.Uint(unsigned(value));
      case OperationReader.INT -> new ContentValue.Int(signed(value));
      case OperationReader.FLOAT ->
          new ContentValue.Float64(
              ByteBuffer.wrap(value.toArray()).order(ByteOrder.LITTLE_ENDIAN).getDouble());
      case OperationReader.STRING -> new ContentValue.Str(value.toUtf8());
      case OperationReader.BYTES -> new ContentValue.Blob(value);
      case OperationReader.COUNTER -> new ContentValue.Counter(signed(value) + increments);
      case OperationReader.TIMESTAMP -> new ContentValue.Timestamp(signed(value));
      default -> new ContentValue.Unknown(type, value);
    };
  }

  static long signed(Bytes value) {
    return new ByteReader(value).sleb("a number");
  }

  /** A LEB128 number of up to 64 bits. */
  private static long unsigned(Bytes value) {
    var bits = 0L;
    for (var i = 0; i < value.length(); i++) {
      bits |= (value.at(i) & 0x7fL) << (7 * i);
    }
    return bits;
  }

  /** Encodes a value that is no object. */
  static Encoded encode(ContentValue value) {
    return switch (value) {
      case ContentValue.Null() -> Encoded.NULL;
      case ContentValue.Bool(var flag) ->
          new Encoded(flag ? OperationReader.TRUE : OperationReader.FALSE, Bytes.EMPTY);
      case ContentValue.Int(var number) -> signed(OperationReader.INT, number);
      case ContentValue.Uint(var bits) -> new Encoded(OperationReader.UINT, unsigned(bits));
      case ContentValue.Float64(var number) ->
          new Encoded(
              OperationReader.FLOAT,
              Bytes.wrap(
                  ByteBuffer.allocate(8).order(ByteOrder.LITTLE_ENDIAN).putDouble(number).array()));
      case ContentValue.Str(var text) -> new Encoded(OperationReader.STRING, Bytes.utf8(text));
      case ContentValue.Blob(var bytes) -> new Encoded(OperationReader.BYTES, bytes);
      case ContentValue.Counter(var sum) -> signed(OperationReader.COUNTER, sum);
      case ContentValue.Timestamp(var millis) -> signed(OperationReader.TIMESTAMP, millis);
      case ContentValue.Unknown(var type, var bytes) -> new Encoded(type, bytes);
      case ContentValue.Container _ ->
          throw new IllegalArgumentException("objects are made by operations of their own");
    };
  }

  static Encoded signed(int type, long number) {
    return new Encoded(type, new ByteWriter(10).sleb(number).toBytes());
  }

  private static Bytes unsigned(long bits) {
    var out = new ByteWriter(10);
    var left = bits;
    while ((left & ~0x7fL) != 0) {
      out.u8((int) (left & 0x7f) | 0x80);
      left >>>= 7;
    }
    return out.u8((int) left).toBytes();
  }
}
