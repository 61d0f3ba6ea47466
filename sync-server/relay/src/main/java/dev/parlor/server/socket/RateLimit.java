package dev.parlor.server.socket;

/**
 * Limits the number of events per second; a second's worth may come at once [EP4]. Used by one
 * thread.
 */
final class RateLimit {

  private static final long NANOS_PER_SECOND = 1_000_000_000L;

  private final int perSecond;
  private long allowance;
  private long since;

  RateLimit(int perSecond, long nowNanos) {
    this.perSecond = perSecond;
    this.allowance = perSecond * NANOS_PER_SECOND;
    this.since = nowNanos;
  }

  boolean allows(long nowNanos) {
    var elapsed = Math.clamp(nowNanos - since, 0L, NANOS_PER_SECOND);
    since = nowNanos;
    allowance = Math.min(perSecond * NANOS_PER_SECOND, allowance + elapsed * perSecond);
    if (allowance < NANOS_PER_SECOND) {
      return false;
    }
    allowance -= NANOS_PER_SECOND;
    return true;
  }
}
