package dev.parlor.relay.socket.transport;

import dev.parlor.crdt.identity.Bytes;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;

/**
 * Reads a client's WebSocket frames (RFC 6455, without extensions) from pieces of any size. Does no
 * I/O; used by one thread. Its memory grows with the bytes that have arrived, never with the length
 * that a header announces.
 */
final class FrameReader {

  static final int CONTINUATION = 0x0;
  static final int TEXT = 0x1;
  static final int BINARY = 0x2;
  static final int CLOSE = 0x8;
  static final int PING = 0x9;
  static final int PONG = 0xa;

  private static final int PROTOCOL_ERROR = 1002;
  private static final int TOO_BIG = 1009;
  private static final int CONTROL_BYTES_MAX = 125;
  private static final int HEADER_BYTES_MAX = 14;
  private static final int INITIAL_BUFFER_BYTES = 8 << 10;
  private static final VarHandle LONGS =
      MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.BIG_ENDIAN);

  /** The result of reading the next bytes. */
  sealed interface Read {
    /** No complete frame yet: more bytes are needed. */
    record Incomplete() implements Read {}

    /** A complete frame, unmasked. */
    record Frame(int opcode, boolean last, Bytes payload) implements Read {}

    /** Not a frame that a client may send; the bytes after it cannot be read. */
    record Broken(int code, String reason) implements Read {}
  }

  private static final Read INCOMPLETE = new Read.Incomplete();

  private final byte[] header = new byte[HEADER_BYTES_MAX];
  private int headerBytes;
  private int opcode;
  private boolean last;
  private int mask;
  private byte[] payload = {};
  private int payloadBytes = -1;
  private int payloadArrived;

  /** Whether a message of several frames is incomplete. */
  private boolean fragmented;

  /**
   * Reads the next frame.
   *
   * @param in the input; it is read up to the end of the frame
   * @param payloadMax maximum payload of the next frame in bytes; a larger frame is refused with
   *     1009
   */
  Read read(ByteBuffer in, int payloadMax) {
    while (payloadBytes < 0) {
      if (!in.hasRemaining()) {
        return INCOMPLETE;
      }
      header[headerBytes++] = in.get();
      var fault =
          headerBytes >= 2 && headerBytes == headerLength() ? beginPayload(payloadMax) : null;
      if (fault != null) {
        return fault;
      }
    }
    readPayload(in);
    if (payloadArrived < payloadBytes) {
      return INCOMPLETE;
    }
    var frame = new Read.Frame(opcode, last, Bytes.wrap(payload, 0, payloadBytes));
    payload = new byte[0];
    payloadBytes = -1;
    headerBytes = 0;
    return frame;
  }

  /** The number of bytes that are kept of an incomplete frame. */
  int heldBytes() {
    return payload.length;
  }

  /** Discards an incomplete frame; after this, {@link #read} must not be called. */
  void discard() {
    payload = new byte[0];
  }

  /** The length of the header, which its first two bytes determine. */
  private int headerLength() {
    var length = header[1] & 0x7f;
    return switch (length) {
      case 126 -> 6 + 2;
      case 127 -> 6 + 8;
      default -> 6;
    };
  }

  /**
   * Checks the complete header and prepares for its payload; returns the fault, or null if the
   * header is valid.
   */
  @SuppressWarnings("NullAway") // the caller checks for null at once
  private Read.Broken beginPayload(int payloadMax) {
    opcode = header[0] & 0x0f;
    last = (header[0] & 0x80) != 0;
    var length = 0L;
    var lengthBytes = headerLength() - 6;
    if (lengthBytes == 0) {
      length = header[1] & 0x7f;
    } else {
      for (var i = 0; i < lengthBytes; i++) {
        length = length << 8 | (header[2 + i] & 0xff);
      }
    }
    if ((header[0] & 0x70) != 0) {
      return new Read.Broken(PROTOCOL_ERROR, "a reserved bit is set");
    }
    if ((header[1] & 0x80) == 0) {
      return new Read.Broken(PROTOCOL_ERROR, "a client must mask its frames");
    }
    switch (opcode) {
      case CONTINUATION -> {
        if (!fragmented) {
          return new Read.Broken(
              PROTOCOL_ERROR, "a continuation frame arrived without a message to continue");
        }
        fragmented = !last;
      }
      case TEXT, BINARY -> {
        if (fragmented) {
          return new Read.Broken(
              PROTOCOL_ERROR, "a message began before the previous message ended");
        }
        fragmented = !last;
      }
      case CLOSE, PING, PONG -> {
        if (!last || length > CONTROL_BYTES_MAX) {
          return new Read.Broken(
              PROTOCOL_ERROR,
              "a control frame is not fragmented and has at most " + CONTROL_BYTES_MAX + " bytes");
        }
      }
      default -> {
        return new Read.Broken(PROTOCOL_ERROR, "unknown opcode " + opcode);
      }
    }
    if (length < 0 || length > payloadMax) {
      return new Read.Broken(TOO_BIG, "a message has at most " + payloadMax + " bytes");
    }
    mask = ByteBuffer.wrap(header).getInt(2 + lengthBytes);
    payloadBytes = (int) length;
    payloadArrived = 0;
    payload = new byte[Math.min(payloadBytes, INITIAL_BUFFER_BYTES)];
    return null;
  }

  /** Reads and unmasks the payload bytes that have arrived. */
  private void readPayload(ByteBuffer in) {
    var count = Math.min(in.remaining(), payloadBytes - payloadArrived);
    if (payloadArrived + count > payload.length) {
      payload =
          Arrays.copyOf(
              payload,
              Math.min(payloadBytes, Math.max(payload.length * 2, payloadArrived + count)));
    }
    in.get(payload, payloadArrived, count);
    unmask(payloadArrived, payloadArrived + count);
    payloadArrived += count;
  }

  /** Unmasks eight bytes at a time where they are aligned with the mask. */
  private void unmask(int from, int to) {
    var at = from;
    for (; at < to && (at & 3) != 0; at++) {
      unmask(at);
    }
    var doubledMask = ((long) mask << 32) | (mask & 0xffff_ffffL);
    for (; at + 8 <= to; at += 8) {
      LONGS.set(payload, at, (long) LONGS.get(payload, at) ^ doubledMask);
    }
    for (; at < to; at++) {
      unmask(at);
    }
  }

  private void unmask(int at) {
    payload[at] ^= (byte) (mask >>> (8 * (3 - (at & 3))));
  }
}
