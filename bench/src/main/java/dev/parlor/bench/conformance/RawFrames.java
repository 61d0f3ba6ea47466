package dev.parlor.bench.conformance;

import dev.parlor.crdt.identity.Bytes;
import java.io.ByteArrayOutputStream;

/** Makes valid and invalid frames of a WebSocket client (RFC 6455, section 5.2). */
final class RawFrames {

  static final int CONTINUATION = 0x0;
  static final int TEXT = 0x1;
  static final int BINARY = 0x2;
  static final int CLOSE = 0x8;
  static final int PING = 0x9;
  static final int PONG = 0xa;

  /** The bit that marks the last fragment of a message. */
  static final int FIN = 0x80;

  private static final byte[] MASK = {(byte) 0x9d, 0x21, (byte) 0xf0, 0x5e};

  private RawFrames() {}

  static Bytes binary(Bytes payload) {
    return of(FIN | BINARY, payload);
  }

  static Bytes ping(Bytes payload) {
    return of(FIN | PING, payload);
  }

  static Bytes close(int code, String reason) {
    return of(FIN | CLOSE, closePayload(code, reason));
  }

  static Bytes closePayload(int code, String reason) {
    var text = Bytes.utf8(reason);
    var payload = new byte[2 + text.length()];
    payload[0] = (byte) (code >>> 8);
    payload[1] = (byte) code;
    text.copyTo(payload, 2);
    return Bytes.wrap(payload);
  }

  /** A masked frame whose first byte is as given: FIN, reserved bits, opcode. */
  static Bytes of(int firstByte, Bytes payload) {
    var out = new ByteArrayOutputStream(payload.length() + 14);
    out.writeBytes(header(firstByte, payload.length(), true).toArray());
    out.writeBytes(masked(payload));
    return Bytes.wrap(out.toByteArray());
  }

  /** A frame without a mask, which a client must not send. */
  static Bytes unmasked(int firstByte, Bytes payload) {
    var head = header(firstByte, payload.length(), false);
    var frame = new byte[head.length() + payload.length()];
    head.copyTo(frame, 0);
    payload.copyTo(frame, head.length());
    return Bytes.wrap(frame);
  }

  /** As {@link #of}, with the length in eight bytes where fewer are enough. */
  static Bytes longForm(int firstByte, Bytes payload) {
    var out = new ByteArrayOutputStream(payload.length() + 14);
    out.write(firstByte);
    out.write(0x80 | 127);
    length(out, payload.length(), 56);
    out.writeBytes(MASK);
    out.writeBytes(masked(payload));
    return Bytes.wrap(out.toByteArray());
  }

  /** The beginning of a frame: everything up to its payload. */
  static Bytes header(int firstByte, long length, boolean hasMask) {
    var out = new ByteArrayOutputStream(14);
    out.write(firstByte);
    var maskBit = hasMask ? 0x80 : 0;
    if (length >= 0 && length < 126) {
      out.write(maskBit | (int) length);
    } else if (length >= 0 && length < 0x1_0000) {
      out.write(maskBit | 126);
      length(out, length, 8);
    } else {
      out.write(maskBit | 127);
      length(out, length, 56);
    }
    if (hasMask) {
      out.writeBytes(MASK);
    }
    return Bytes.wrap(out.toByteArray());
  }

  private static void length(ByteArrayOutputStream out, long length, int firstShift) {
    for (var shift = firstShift; shift >= 0; shift -= 8) {
      out.write((int) (length >>> shift));
    }
  }

  private static byte[] masked(Bytes payload) {
    var bytes = payload.toArray();
    for (var i = 0; i < bytes.length; i++) {
      bytes[i] ^= MASK[i & 3];
    }
    return bytes;
  }
}
