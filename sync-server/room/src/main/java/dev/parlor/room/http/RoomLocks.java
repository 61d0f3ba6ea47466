package dev.parlor.room.http;

import java.util.concurrent.locks.ReentrantLock;

/**
 * Serializes decisions about the people of a room. If two hosts demote each other at the same time,
 * one of them stays a host. Rooms share a fixed set of locks by the hash of their slug. No code
 * waits for a room's document while it holds a lock.
 */
final class RoomLocks {
  private static final int LOCKS = 64;

  private final ReentrantLock[] locks = new ReentrantLock[LOCKS];

  RoomLocks() {
    for (var i = 0; i < LOCKS; i++) {
      locks[i] = new ReentrantLock();
    }
  }

  /** A held lock; {@code close} releases it. */
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
