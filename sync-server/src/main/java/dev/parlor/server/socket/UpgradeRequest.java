package dev.parlor.server.socket;

/**
 * What a client asks for when it opens a WebSocket.
 *
 * @param path decoded, as {@code /sync} or {@code /sync/k/<key>}; carries secrets, never log it
 * @param query without the question mark, may be empty
 * @param origin the {@code Origin} header, empty when there is none: not a browser
 * @param host the {@code Host} header, empty when there is none
 */
public record UpgradeRequest(String path, String query, String origin, String host) {

  /** Leaves out what may be secret. */
  @Override
  public String toString() {
    return "UpgradeRequest[origin=" + origin + ", host=" + host + "]";
  }
}
