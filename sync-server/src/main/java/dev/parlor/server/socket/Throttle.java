package dev.parlor.server.socket;

import dev.parlor.server.config.Limits;

/**
 * Keeps a connection to so many messages and bytes a second, a second's worth at once. It never
 * refuses: what exceeds the allowance is borrowed, and paid back by not being read for a while.
 * Used by one thread.
 */
final class Throttle {

  private static final long NANOS_PER_SECOND = 1_000_000_000L;

  /** An hour: longer than anything borrowed, short enough not to overflow. */
  private static final long ELAPSED_MAX = 3_600 * NANOS_PER_SECOND;

  private final Limits.Traffic limits;

  /** What is left, in billionths; below zero while something is borrowed. */
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
   * Takes messages and the bytes of them, or what it was worth to work on them.
   *
   * @return how many nanoseconds to read nothing, 0 to read on
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
