package dev.parlor.relay.config;

/** The implementation that serves WebSockets. */
public enum SocketTransport {
  /** The event loop for plain TCP if it is available, otherwise Helidon. */
  AUTO,
  /** Helidon's connections, through their public API: a virtual thread for each socket. */
  HELIDON,
  /** The server's own event loop, for plain TCP only. With TLS the server uses {@link #HELIDON}. */
  LOOP
}
