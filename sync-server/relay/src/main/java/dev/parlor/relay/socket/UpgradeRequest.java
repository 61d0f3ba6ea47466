package dev.parlor.relay.socket;

/**
 * A client's request to open a WebSocket.
 *
 * @param path decoded, for example {@code /sync} or {@code /sync/k/<key>}; it may contain a secret,
 *     so it is never logged
 * @param query without the question mark; may be empty
 * @param origin the {@code Origin} header; empty if there is none, as in requests of clients other
 *     than browsers
 * @param host the {@code Host} header; empty if there is none
 */
public record UpgradeRequest(String path, String query, String origin, String host) {

  /** Leaves out the parts that may be secret. */
  @Override
  public String toString() {
    return "UpgradeRequest[origin=" + origin + ", host=" + host + "]";
  }
}
