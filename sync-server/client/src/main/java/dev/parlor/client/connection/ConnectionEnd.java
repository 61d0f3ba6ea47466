package dev.parlor.client.connection;

/** How a connection, or the attempt to connect, ended. */
public sealed interface ConnectionEnd {

  /**
   * The server closed the WebSocket.
   *
   * @param code the close code, as in {@code docs/protocol.md}; 1006 without a close frame
   * @param reason the reason in the close frame, or the server's last error message
   */
  record Closed(int code, String reason) implements ConnectionEnd {}

  /** The server answered the upgrade with this HTTP status. */
  record Refused(int httpStatus) implements ConnectionEnd {}

  /** There was no connection, it broke, or the server did not answer in time. */
  record Failed(String reason) implements ConnectionEnd {}

  /** One sentence for a person. */
  default String describe() {
    return switch (this) {
      case Closed(var code, var reason) ->
          "the server closed the connection with " + code + (reason.isBlank() ? "" : ": " + reason);
      case Refused(var status) -> "the server refused the connection with HTTP status " + status;
      case Failed(var reason) -> reason;
    };
  }
}
