package dev.parlor.relay.socket.transport;

import io.helidon.http.Headers;
import io.helidon.http.HttpPrologue;

/** WebSockets under some paths of the web server. Safe from any thread. */
public interface WebSocketEndpoint {

  /** Whether a request for this path may become a WebSocket of this endpoint. */
  boolean serves(String path);

  /**
   * Decides on a valid upgrade request; may block.
   *
   * @param address the address that the connection counts for
   * @throws io.helidon.http.RequestException the HTTP answer, if the upgrade is refused
   */
  Admission admit(HttpPrologue prologue, Headers headers, String address);

  /** A granted upgrade. Exactly one of the two methods is called, once. */
  interface Admission {

    /** The socket exists; returns its protocol. On the socket's thread. */
    WebSocketHandler open(WebSocket socket);

    /** The client could not be answered, so there is no socket. */
    void abandon();
  }
}
