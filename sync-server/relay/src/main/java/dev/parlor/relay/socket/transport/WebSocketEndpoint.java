package dev.parlor.relay.socket.transport;

import io.helidon.http.Headers;
import io.helidon.http.HttpPrologue;

/** The WebSockets under some paths of the web server. Safe from any thread. */
public interface WebSocketEndpoint {

  /** Whether a request for this path may become a WebSocket of this endpoint. */
  boolean serves(String path);

  /**
   * Decides on a valid upgrade request; may block.
   *
   * @param address the client's address, for limits per address
   * @throws io.helidon.http.RequestException the HTTP answer, if the upgrade is refused
   */
  Admission admit(HttpPrologue prologue, Headers headers, String address);

  /** A granted upgrade. Exactly one of the two methods is called, once. */
  interface Admission {

    /** Called when the socket exists, on its thread; returns the handler of its protocol. */
    WebSocketHandler open(WebSocket socket);

    /** Called when the client could not be answered, so that there is no socket. */
    void abandon();
  }
}
