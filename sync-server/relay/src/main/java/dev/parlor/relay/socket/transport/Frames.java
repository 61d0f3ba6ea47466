package dev.parlor.relay.socket.transport;

import dev.parlor.crdt.identity.Bytes;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;

/**
 * The frames that a server sends over a WebSocket, and their wire format. A server never masks its
 * frames (RFC 6455).
 */
final class Frames {

  /** An upper bound for the length of a header. */
  static final int HEADER_BYTES_MAX = 10;

  private static final int TEXT = 0x81;
  private static final int BINARY = 0x82;
  private static final int CLOSE = 0x88;
  private static final int PING = 0x89;
  private static final int PONG = 0x8a;

  private Frames() {}

  /** One frame to write. */
  sealed interface Item {
    /** The number of payload bytes, which count against the outbox's limit. */
    int length();
  }

  /** A binary message of two parts; many sockets may share the first part. */
  record Message(Bytes shared, Bytes own) implements Item {
    @Override
    public int length() {
      return shared.length() + own.length();
    }
  }

  /** A text message in UTF-8. */
  record Text(Bytes utf8) implements Item {
    @Override
    public int length() {
      return utf8.length();
    }
  }

  /** A ping without payload. */
  record Ping() implements Item {
    @Override
    public int length() {
      return 0;
    }
  }

  /** The answer to the peer's ping, with its payload. */
  record Pong(Bytes payload) implements Item {
    @Override
    public int length() {
      return payload.length();
    }
  }

  /** The last frame. A code of 0 means that the frame has no code. */
  record Close(int code, String reason) implements Item {
    @Override
    public int length() {
      return code == 0 ? 0 : 2 + reason.getBytes(StandardCharsets.UTF_8).length;
    }
  }

  /** Appends the whole frame. */
  static void put(Item item, ByteBuffer target) {
    putHeader(item, target);
    switch (item) {
      case Message(var shared, var own) -> {
        shared.copyTo(target);
        own.copyTo(target);
      }
      case Text(var utf8) -> utf8.copyTo(target);
      case Ping() -> {}
      case Pong(var payload) -> payload.copyTo(target);
      case Close(var code, var reason) -> {
        if (code != 0) {
          target.putShort((short) code).put(reason.getBytes(StandardCharsets.UTF_8));
        }
      }
    }
  }

  /** Appends the frame's header only. */
  static void putHeader(Item item, ByteBuffer target) {
    var length = item.length();
    target.put(
        (byte)
            switch (item) {
              case Text _ -> TEXT;
              case Message _ -> BINARY;
              case Ping _ -> PING;
              case Pong _ -> PONG;
              case Close _ -> CLOSE;
            });
    if (length < 126) {
      target.put((byte) length);
    } else if (length < 0x1_0000) {
      target.put((byte) 126).putShort((short) length);
    } else {
      target.put((byte) 127).putLong(length);
    }
  }
}
