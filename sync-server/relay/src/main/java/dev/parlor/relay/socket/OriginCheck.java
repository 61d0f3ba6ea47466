package dev.parlor.relay.socket;

import java.util.Optional;

/** The web pages that may open a socket to this server [WS5]. Safe from any thread. */
@FunctionalInterface
public interface OriginCheck {

  /**
   * Whether a page of this origin may open a socket.
   *
   * @param origin empty when the request has none, so that it is not from a browser
   * @param host the Host header, empty when there is none
   */
  boolean mayOpenSocket(Optional<String> origin, String host);
}
