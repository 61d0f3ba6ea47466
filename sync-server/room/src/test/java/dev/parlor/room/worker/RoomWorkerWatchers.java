package dev.parlor.room.worker;

/** Watchers for tests. */
final class RoomWorkerWatchers {
  private RoomWorkerWatchers() {}

  /** A watcher that does nothing. */
  static RoomWatcher none(RoomWorker worker) {
    return new RoomWatcher() {
      @Override
      public void opened(RoomScope scope) {}

      @Override
      public void settled(RoomScope scope) {}

      @Override
      public boolean isBusy() {
        return false;
      }

      @Override
      public void closed() {}
    };
  }
}
