package dev.parlor.relay.health;

import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;
import java.util.function.LongSupplier;
import org.slf4j.Logger;

/**
 * Writes at most one line per period and counts the others. It is meant for events that a peer can
 * cause without limit. Safe from any thread.
 *
 * <pre>{@code
 * quiet.write(log -> log.warn("refused a frame [{}] of {}", rule, peer));
 * }</pre>
 */
public final class RateLimitedLog {

  private final Logger log;
  private final long periodNanos;
  private final LongSupplier nanoTime;
  private final AtomicLong next;
  private final AtomicLong held = new AtomicLong();

  /**
   * Writes the first line at once.
   *
   * @param nanoTime a monotonic clock, in production {@code System::nanoTime}
   */
  public RateLimitedLog(Logger log, int periodMillis, LongSupplier nanoTime) {
    this.log = log;
    this.periodNanos = periodMillis * 1_000_000L;
    this.nanoTime = nanoTime;
    this.next = new AtomicLong(nanoTime.getAsLong());
  }

  /** Runs {@code line} unless one ran within the period. */
  public void write(Consumer<Logger> line) {
    var now = nanoTime.getAsLong();
    var due = next.get();
    if (now - due < 0 || !next.compareAndSet(due, now + periodNanos)) {
      held.incrementAndGet();
      return;
    }
    line.accept(log);
    var missed = held.getAndSet(0);
    if (missed > 0) {
      log.info("{} lines like this were left out since the one before", missed);
    }
  }
}
