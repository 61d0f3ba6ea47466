package dev.parlor.server.socket;

import dev.parlor.server.config.Limits;

/**
 * Limits a connection's messages and bytes per second; a second's worth may come at once. It never
 * refuses a message: when the allowance is exceeded, the connection borrows, and reads nothing
 * until the debt is paid. Used by one thread.
 */
final class Throttle {

  private static final long NANOS_PER_SECOND = 1_000_000_000L;

  /** One hour in nanoseconds: longer than any debt, short enough to avoid overflow. */
  private static final long ELAPSED_MAX = 3_600 * NANOS_PER_SECOND;

  private final Limits.Traffic limits;

  /** The remaining allowance, in billionths; below zero while the connection has a debt. */
  private long messages;

  private double bytes;
  private long since;

  Throttle(Limits.Traffic limits, long nowNanos) {
    this.limits = limits;
    this.messages = limits.messagesPerSecondMax() * NANOS_PER_SECOND;
    this.bytes = limits.bytesPerSecondMax();
    this.since = nowNanos;
  }

  /**
   * Charges messages and their bytes; bytes may include the cost of the work.
   *
   * @return the number of nanoseconds to read nothing, 0 to continue
   */
  long spend(int count, long length, long nowNanos) {
    var elapsed = Math.clamp(nowNanos - since, 0L, ELAPSED_MAX);
    since = nowNanos;
    var perSecond = (long) limits.messagesPerSecondMax();
    messages =
        Math.min(perSecond * NANOS_PER_SECOND, messages + elapsed * perSecond)
            - count * NANOS_PER_SECOND;
    var bytesPerSecond = (double) limits.bytesPerSecondMax();
    bytes = Math.min(bytesPerSecond, bytes + elapsed * bytesPerSecond / NANOS_PER_SECOND) - length;
    var forMessages = messages < 0 ? -messages / perSecond : 0;
    var forBytes = bytes < 0 ? (long) (-bytes / bytesPerSecond * NANOS_PER_SECOND) : 0;
    return Math.max(forMessages, forBytes);
  }
}
