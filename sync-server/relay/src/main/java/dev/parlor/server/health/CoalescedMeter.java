package dev.parlor.server.health;

import java.util.concurrent.locks.ReentrantLock;
import java.util.function.LongConsumer;

/**
 * Collects values and passes them to a meter in batches. The meter's code is long. If it ran for
 * single changes, it would rarely be in the processor's caches. Safe from any thread.
 */
final class CoalescedMeter {

  /** The most values that wait. The thread that adds the last of them passes the batch on. */
  static final int VALUES_MAX = 256;

  private final LongConsumer meter;
  private final ReentrantLock lock = new ReentrantLock();
  private final long[] waiting = new long[VALUES_MAX];
  private int count;

  CoalescedMeter(LongConsumer meter) {
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

  /** Passes the waiting values on; call it before reading the meter. */
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
