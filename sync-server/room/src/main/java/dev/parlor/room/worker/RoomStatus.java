package dev.parlor.room.worker;

/**
 * The state of a room on this server.
 *
 * @param retryMillis for a failed room, the time until it is opened again
 */
public record RoomStatus(State state, long retryMillis) {

  /** Whether the server has the room open. */
  public enum State {
    /** The room is in memory. */
    OPEN,
    /** The room is on the disk only; the next request opens it. */
    CLOSED,
    /** The room failed and stays closed for a short time. */
    FAILED,
    /** The server only relays and saves the room's changes [AD8]. */
    QUARANTINED
  }
}
