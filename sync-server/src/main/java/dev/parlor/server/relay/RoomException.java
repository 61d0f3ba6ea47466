package dev.parlor.server.relay;

/** Why a submission did not enter the room; the message begins with the rule id. */
public final class RoomException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  public RoomException(String rule, String reason) {
    super("[" + rule + "] " + reason);
  }

  public RoomException(String rule, String reason, Throwable cause) {
    super("[" + rule + "] " + reason, cause);
  }
}
