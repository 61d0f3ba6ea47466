package dev.parlor.server.health;

import java.util.concurrent.locks.ReentrantLock;
import java.util.function.LongConsumer;

/**
 * Values on their way into a meter, many at a time. A meter's code is long, and on the way of a
 * change it would run once in a while with nothing of it in the processor's caches. Safe from any
 * thread.
 */
final class Gathered {

  /** So many wait at most; then they are handed on by whoever brought the last. */
  static final int VALUES_MAX = 256;

  private final LongConsumer meter;
  private final ReentrantLock lock = new ReentrantLock();
  private final long[] waiting = new long[VALUES_MAX];
  private int count;

  Gathered(LongConsumer meter) {
    this.meter = meter;
  }

  void add(long value) {
    lock.lock();
    try {
      waiting[count++] = value;
      if (count == VALUES_MAX) {
        empty();
      }
    } finally {
      lock.unlock();
    }
  }

  /** Hands on what waits; before anybody reads the meter. */
  void flush() {
    lock.lock();
    try {
      empty();
    } finally {
      lock.unlock();
    }
  }

  private void empty() {
    for (var i = 0; i < count; i++) {
      meter.accept(waiting[i]);
    }
    count = 0;
  }
}
