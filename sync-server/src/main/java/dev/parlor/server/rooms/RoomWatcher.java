package dev.parlor.server.rooms;

/** Works along with one room, on its thread. Methods must not block. */
public interface RoomWatcher {

  /** The room can be read and written; nothing else was called before. */
  void opened(RoomTurn turn);

  /** The document has changed; several changes may have come together. */
  void settled(RoomTurn turn);

  /** Whether the room must not be closed for idleness now. */
  boolean isBusy();

  /** The room is closing or has failed; nothing follows. */
  void closed();
}
