package dev.parlor.room.worker;

/** Observes one open room. All methods run on the room's thread and must not block. */
public interface RoomWatcher {

  /** The first call: the room can be read and written now. */
  void opened(RoomScope scope);

  /**
   * One change was applied, or several if many arrived at once. The watcher can read values that
   * the next change may overwrite. Called far more often than {@link #settled}, so it must be
   * cheap.
   */
  default void changesApplied(RoomScope scope) {}

  /** The document has changed since the last call, possibly by several changes. */
  void settled(RoomScope scope);

  /** Whether this process may write the server's own values in this room. */
  default boolean isLeader() {
    return true;
  }

  /** Whether the room must stay open even if it is idle. */
  boolean isBusy();

  /** The last call: the room is closing or has failed. */
  void closed();
}
