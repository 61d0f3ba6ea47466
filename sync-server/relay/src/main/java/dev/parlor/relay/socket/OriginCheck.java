package dev.parlor.relay.socket;

import java.util.Optional;

/** Decides which web pages may open a socket to this server [WS5]. Safe from any thread. */
@FunctionalInterface
public interface OriginCheck {

  /**
   * Whether a page of this origin may open a socket.
   *
   * @param origin the {@code Origin} header; empty if there is none, as in requests of clients
   *     other than browsers
   * @param host the {@code Host} header; empty if there is none
   * @param hasSecret whether the request carries a token, a ticket or a key
   */
  boolean mayOpenSocket(Optional<String> origin, String host, boolean hasSecret);
}
