package dev.parlor.room.worker;

/** Follows one room on the room's thread. Methods must not block. */
public interface RoomWatcher {

  /** The first call: the room can be read and written now. */
  void opened(RoomScope scope);

  /**
   * Changes were just applied, one at a time if few arrived. The watcher can read values that the
   * next change may overwrite. Called far more often than {@link #settled}; must be cheap.
   */
  default void changesApplied(RoomScope scope) {}

  /** The document has changed, possibly by several changes. */
  void settled(RoomScope scope);

  /** True if this process writes the server's values in this room. */
  default boolean isLeader() {
    return true;
  }

  /** True if the room must not be closed as idle now. */
  boolean isBusy();

  /** The last call: the room is closing or has failed. */
  void closed();
}
