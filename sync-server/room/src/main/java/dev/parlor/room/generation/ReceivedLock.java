package dev.parlor.room.generation;

import dev.parlor.room.schema.Lock;
import dev.parlor.room.schema.RoomLimits;
import dev.parlor.room.worker.RoomWatcher;

/**
 * A request that reached the server.
 *
 * @param arrival how its change reached the room
 */
record ReceivedLock(Lock lock, RoomWatcher.Arrival arrival) {

  String request() {
    return lock.request();
  }

  /**
   * Whether the author was offline when the request was written, so that the author is asked first
   * [GE14].
   *
   * @param epoch the current epoch
   */
  boolean isOld(long epoch, long now) {
    boolean hasUnseenRuns = lock.seen() < epoch;
    long age = now - lock.at();
    return age > RoomLimits.REQUEST_AGE_MILLIS_MAX
        || switch (arrival) {
          case LIVE -> false;
          case FIRST_SYNC -> hasUnseenRuns;
          case UNKNOWN -> hasUnseenRuns && age > RoomLimits.UNSEEN_AGE_MILLIS_MAX;
        };
  }
}
