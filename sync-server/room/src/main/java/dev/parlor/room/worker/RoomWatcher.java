package dev.parlor.room.worker;

import dev.parlor.crdt.identity.Bytes;

/** Observes one open room. All methods run on the room's thread and must not block. */
public interface RoomWatcher {

  /** The room can be read and written from now on. Only {@link #changeApplied} may come before. */
  void opened(RoomScope scope);

  /** How a change reached the room. */
  enum Arrival {
    /** From a peer that was connected when it made the change. */
    LIVE,

    /** In the first sync of a peer's connection: the peer may have been offline. */
    FIRST_SYNC,

    /** From the store when the room was opened, or from another node. */
    UNKNOWN
  }

  /**
   * A change that sets fields of maps was applied. Changes come in the order of their admission.
   * When a room opens, the changes that the store has not yet put into a snapshot come first.
   * Called far more often than {@link #settled}, so it must be cheap.
   */
  default void changeApplied(RoomScope scope, Bytes change, Arrival arrival) {}

  /** Another node sent an ephemeral message of the server to the peers of the room. */
  default void messageOfNode(Bytes data) {}

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
