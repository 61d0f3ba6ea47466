package dev.parlor.relay.health;

import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;
import java.util.function.LongSupplier;
import org.slf4j.Logger;

/**
 * A log that writes at most one line per period and counts the suppressed lines. It is meant for
 * events that a peer can cause without limit. Safe from any thread.
 *
 * <pre>{@code
 * refusals.write(log -> log.warn("refused a frame [{}] of {}", rule, peer));
 * }</pre>
 */
public final class RateLimitedLog {

  private final Logger log;
  private final long periodNanos;
  private final LongSupplier nanoTime;
  private final AtomicLong nextLineAt;
  private final AtomicLong suppressed = new AtomicLong();

  /**
   * Creates a log that writes its first line at once.
   *
   * @param nanoTime a monotonic clock, in production {@code System::nanoTime}
   */
  public RateLimitedLog(Logger log, int periodMillis, LongSupplier nanoTime) {
    this.log = log;
    this.periodNanos = periodMillis * 1_000_000L;
    this.nanoTime = nanoTime;
    this.nextLineAt = new AtomicLong(nanoTime.getAsLong());
  }

  /** Writes a line with {@code line}, unless a line was written within the period. */
  public void write(Consumer<Logger> line) {
    var now = nanoTime.getAsLong();
    var due = nextLineAt.get();
    if (now - due < 0 || !nextLineAt.compareAndSet(due, now + periodNanos)) {
      suppressed.incrementAndGet();
      return;
    }
    line.accept(log);
    var count = suppressed.getAndSet(0);
    if (count > 0) {
      log.info("{} similar lines were suppressed since the previous one", count);
    }
  }
}
