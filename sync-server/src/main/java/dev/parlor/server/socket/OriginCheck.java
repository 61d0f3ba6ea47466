package dev.parlor.server.socket;

import java.util.Optional;

/** Which web pages may open a socket here [WS5]. Safe from any thread. */
@FunctionalInterface
public interface OriginCheck {

  /**
   * Whether a page of this origin may.
   *
   * @param origin empty when the request names none: no browser
   * @param host the Host header, empty when there is none
   */
  boolean maySocket(Optional<String> origin, String host);
}
