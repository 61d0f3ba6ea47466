package dev.parlor.server.socket;

/** The setting that chooses what moves the bytes of WebSockets. */
public enum SocketTransport {

  /** The event loop if it is available, otherwise Helidon's connections. */
  AUTO,

  /**
   * Helidon's connections: one virtual thread for each socket, on public API, with or without TLS.
   */
  HELIDON,

  /** The event loop: a few threads for all sockets, for plain TCP only. */
  LOOP
}
