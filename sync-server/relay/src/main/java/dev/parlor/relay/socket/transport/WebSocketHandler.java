package dev.parlor.relay.socket.transport;

import dev.parlor.crdt.identity.Bytes;

/**
 * Implements the protocol on one {@link WebSocket}. All methods run on the socket's thread, one at
 * a time, and must not block.
 */
public interface WebSocketHandler {

  /** The maximum number of bytes in the next message; a longer message is a violation. */
  int messageBytesMax();

  /** Whether text messages are part of the protocol. If not, a text frame is a violation. */
  default boolean takesText() {
    return false;
  }

  /** Called when the socket is open, before any input. */
  void opened();

  /** Handles a whole binary message. */
  void binary(Bytes message);

  /** Handles a whole text message, in UTF-8. */
  default void text(Bytes message) {}

  /**
   * Called for each frame that was read, for rate limits. If the frame completed a message, the
   * message was handled before.
   */
  void frameRead(int payloadBytes);

  /** Called when all input that has arrived is read and more is needed. */
  void awaitsInput();

  /**
   * Called when the client has violated RFC 6455 or a limit. The handler closes the socket with
   * this code, unless it is closing already.
   */
  void violated(int code, String rule, String reason);

  /** Called when the client's close frame has arrived; the transport answers it. */
  void closing();

  /**
   * Checks the time limits of the protocol; called at least about once a second while the socket is
   * open.
   */
  void checkTimeouts(long nowNanos);

  /**
   * Called once, when the socket has ended; no other call follows.
   *
   * @param code the close code; 1006 if there was none
   */
  void ended(int code);
}
