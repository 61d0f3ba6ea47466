package dev.parlor.room.worker;

import java.util.Set;

/** Tells other nodes who is connected to one room on this node. Used on the room's thread. */
interface RoomAttendance {

  /** On one machine there is nobody to tell. */
  RoomAttendance NONE =
      new RoomAttendance() {
        @Override
        public void begin() {}

        @Override
        public void connected(RemotePerson person) {}

        @Override
        public void disconnected(String connection) {}

        @Override
        public void away(Set<String> identities) {}

        @Override
        public void close() {}
      };

  /** The room is opened on this node. */
  void begin();

  /** A connection was opened on this node. */
  void connected(RemotePerson person);

  /** A connection of this node ended. */
  void disconnected(String connection);

  /** The identities that count as gone here. */
  void away(Set<String> identities);

  /** The room leaves the memory of this node. */
  void close();
}
