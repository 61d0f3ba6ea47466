package dev.parlor.bench.load;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.channels.Selector;
import java.time.Duration;
import java.util.PriorityQueue;
import java.util.concurrent.TimeoutException;
import java.util.function.BooleanSupplier;

/**
 * An event loop with timers: the thread that calls {@link #runUntil} serves every connection of a
 * run.
 */
final class Loop implements AutoCloseable {

  private record Timer(long atNanos, long order, Runnable action) {}

  private final Selector selector;
  private final PriorityQueue<Timer> timers =
      new PriorityQueue<>(
          java.util.Comparator.comparingLong(Timer::atNanos).thenComparingLong(Timer::order));
  private long nextOrder;

  Loop() {
    try {
      selector = Selector.open();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  RawSocket connect(int port, String path, RawSocket.Listener listener) {
    try {
      return new RawSocket(selector, port, path, listener);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Runs the action at {@code nanoTime}. */
  void at(long nanoTime, Runnable action) {
    timers.add(new Timer(nanoTime, nextOrder++, action));
  }

  /** Runs until the condition holds. Throws after {@code bound}, if the server does not answer. */
  void runUntil(BooleanSupplier condition, Duration bound, String activity)
      throws TimeoutException {
    var deadline = System.nanoTime() + bound.toNanos();
    while (!condition.getAsBoolean()) {
      var now = System.nanoTime();
      if (now - deadline > 0) {
        throw new TimeoutException(activity + " took longer than " + bound.toSeconds() + " s");
      }
      runOnce(now, deadline);
    }
  }

  /** Runs for a time. */
  void runFor(Duration time) {
    var deadline = System.nanoTime() + time.toNanos();
    for (var now = System.nanoTime(); now - deadline < 0; now = System.nanoTime()) {
      runOnce(now, deadline);
    }
  }

  private void runOnce(long now, long deadline) {
    while (!timers.isEmpty() && timers.peek().atNanos() - now <= 0) {
      timers.remove().action().run();
    }
    var next = timers.isEmpty() ? deadline : Math.min(deadline, timers.peek().atNanos());
    var wait = next - System.nanoTime();
    try {
      if (wait <= 0) {
        selector.selectNow(key -> ((RawSocket) key.attachment()).ready());
      } else {
        // Wait at least a millisecond: the loop may be late by that much, but does not use the CPU
        // that the server needs. The time of a message is read when it is sent, so a late timer
        // does not
        // distort them.
        selector.select(key -> ((RawSocket) key.attachment()).ready(), wait / 1_000_000 + 1);
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Override
  public void close() throws IOException {
    for (var key : selector.keys()) {
      ((RawSocket) key.attachment()).close();
    }
    selector.close();
  }
}
