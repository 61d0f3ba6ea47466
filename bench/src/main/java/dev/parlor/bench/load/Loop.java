package dev.parlor.bench.load;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.time.Duration;
import java.util.PriorityQueue;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;

/**
 * An event loop with timers: the thread that calls {@link #runUntil} serves every connection of a
 * run.
 */
public final class Loop implements AutoCloseable {

  /** A connection that the loop serves: the attachment of its selection key. */
  public interface Connection {

    /** The channel can be connected, read or written. */
    void ready();

    void close();
  }

  /** The longest pause of a precise loop, so that it sees arrivals soon. */
  private static final long PAUSE_NANOS_MAX = 100_000;

  private record Timer(long atNanos, long order, Runnable action) {}

  private final boolean isPrecise;
  private final Selector selector;
  private final PriorityQueue<Timer> timers =
      new PriorityQueue<>(
          java.util.Comparator.comparingLong(Timer::atNanos).thenComparingLong(Timer::order));
  private long nextOrder;

  /** A loop whose timers may be a millisecond late. */
  public Loop() {
    this(false);
  }

  /**
   * @param isPrecise whether timers are kept to a tenth of a millisecond, at the cost of more
   *     wake-ups
   */
  public Loop(boolean isPrecise) {
    this.isPrecise = isPrecise;
    try {
      selector = Selector.open();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  public RawSocket connect(int port, String path, RawSocket.Listener listener) {
    try {
      return new RawSocket(selector, port, path, listener);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** The selector for further connections; their keys have the {@link Connection} attached. */
  public Selector selector() {
    return selector;
  }

  /** Runs the action at {@code nanoTime}. */
  public void at(long nanoTime, Runnable action) {
    timers.add(new Timer(nanoTime, nextOrder++, action));
  }

  /** Runs until the condition holds. Throws after {@code bound}, if the server does not answer. */
  public void runUntil(BooleanSupplier condition, Duration bound, String activity)
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
  public void runFor(Duration time) {
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
        selector.selectNow(Loop::ready);
      } else if (isPrecise && wait < 2_000_000) {
        if (selector.selectNow(Loop::ready) == 0) {
          LockSupport.parkNanos(Math.min(wait, PAUSE_NANOS_MAX));
        }
      } else if (isPrecise) {
        selector.select(Loop::ready, wait / 1_000_000 - 1);
      } else {
        // Wait at least a millisecond: the loop may be late by that much, but does not use the CPU
        // that the server needs. The time of a message is read when it is sent, so a late timer
        // does not distort it.
        selector.select(Loop::ready, wait / 1_000_000 + 1);
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static void ready(SelectionKey key) {
    ((Connection) key.attachment()).ready();
  }

  @Override
  public void close() throws IOException {
    for (var key : selector.keys()) {
      ((Connection) key.attachment()).close();
    }
    selector.close();
  }
}
