package dev.parlor.server.rooms;

/** Works along with one room, on its thread. Methods must not block. */
public interface RoomWatcher {

  /** The room can be read and written; nothing else was called before. */
  void opened(RoomScope turn);

  /**
   * Changes have just been applied, one at a time where few came: a glance at what a next change
   * may overwrite. Called far more often than {@link #settled}; must be cheap.
   */
  default void glance(RoomScope turn) {}

  /** The document has changed; several changes may have come together. */
  void settled(RoomScope turn);

  /** Whether this process is the one that writes for the server in this room. */
  default boolean leads() {
    return true;
  }

  /** Whether the room must not be closed for idleness now. */
  boolean isBusy();

  /** The room is closing or has failed; nothing follows. */
  void closed();
}
