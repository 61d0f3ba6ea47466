package dev.parlor.room.http;

import java.util.concurrent.locks.ReentrantLock;

/**
 * Locks that serialize decisions about the people of a room. If two hosts demote each other at the
 * same time, one of them stays a host. Rooms share a fixed number of locks by the hash of their
 * slug. No code waits for a room's document while it holds a lock.
 */
final class RoomLocks {
  private static final int LOCK_COUNT = 64;

  private final ReentrantLock[] locks = new ReentrantLock[LOCK_COUNT];

  RoomLocks() {
    for (var i = 0; i < LOCK_COUNT; i++) {
      locks[i] = new ReentrantLock();
    }
  }

  /** A held lock; {@code close} releases it. */
  interface Held extends AutoCloseable {
    @Override
    void close();
  }

  Held acquire(String slug) {
    var lock = locks[Math.floorMod(slug.hashCode(), LOCK_COUNT)];
    lock.lock();
    return lock::unlock;
  }
}
