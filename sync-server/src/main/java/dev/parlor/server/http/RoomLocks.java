package dev.parlor.server.http;

import java.util.concurrent.locks.ReentrantLock;

/**
 * One decision about the people of a room at a time, so that of two hosts who demote each other at
 * once one is still a host. Rooms share locks by the hash of their slug. No code waits for a room's
 * document while it holds a lock.
 */
final class RoomLocks {
  private static final int LOCKS = 64;

  private final ReentrantLock[] locks = new ReentrantLock[LOCKS];

  RoomLocks() {
    for (var i = 0; i < LOCKS; i++) {
      locks[i] = new ReentrantLock();
    }
  }

  /** A lock that is held until it is closed. */
  interface Held extends AutoCloseable {
    @Override
    void close();
  }

  Held hold(String slug) {
    var lock = locks[Math.floorMod(slug.hashCode(), LOCKS)];
    lock.lock();
    return lock::unlock;
  }
}
