package dev.parlor.relay.socket.transport;

import dev.parlor.crdt.identity.Bytes;

/**
 * The protocol that is spoken on one {@link WebSocket}. All methods run on the socket's thread, one
 * at a time, and must not block.
 */
public interface WebSocketHandler {

  /** The maximum number of bytes of a message at present; a longer message is a violation. */
  int messageBytesMax();

  /** Whether text messages are part of the protocol. If not, a text frame is a violation. */
  default boolean takesText() {
    return false;
  }

  /** The socket is open. */
  void opened();

  /** A whole binary message. */
  void binary(Bytes message);

  /** A whole text message, in UTF-8. */
  default void text(Bytes message) {}

  /** A frame was read, after its message if it was the last: for limits of rates. */
  void frameRead(int payloadBytes);

  /** All input that has arrived is read, and the last frame is incomplete. */
  void awaitsInput();

  /**
   * The client broke RFC 6455 or a limit. The handler closes the socket with this code, unless it
   * is closing already.
   */
  void violated(int code, String rule, String reason);

  /** The client's close frame came; the transport answers it. */
  void closing();

  /** Called about once a second or more often while the socket is open; for time limits. */
  void pulse(long nowNanos);

  /**
   * The socket is gone; called last, once.
   *
   * @param code the close code, 1006 when there was none
   */
  void ended(int code);
}
