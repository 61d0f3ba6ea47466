package dev.parlor.relay.rate;

import dev.parlor.relay.rate.TokenBucket.Rate;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.LongSupplier;

/**
 * A rate limiter with a token bucket for each key. Keys are identities, addresses or rooms, so a
 * new connection of the same client gets no new bucket. Safe from any thread.
 *
 * <p>At most {@code keysMax} buckets are kept. Above this, the least recently used bucket is
 * evicted. An unused bucket fills up again, so the eviction of an old bucket grants no extra
 * actions.
 */
public final class RateLimiter {

  private final Rate rate;
  private final LongSupplier nanoTime;
  private final Map<String, TokenBucket> buckets;

  /**
   * @param nanoTime a monotonic clock in nanoseconds
   */
  public RateLimiter(Rate rate, int keysMax, LongSupplier nanoTime) {
    this.rate = rate;
    this.nanoTime = nanoTime;
    this.buckets = leastRecentlyUsedMap(keysMax);
  }

  private static Map<String, TokenBucket> leastRecentlyUsedMap(int keysMax) {
    return new LinkedHashMap<>(16, 0.75f, true) {
      private static final long serialVersionUID = 1L;

      @Override
      protected boolean removeEldestEntry(Map.Entry<String, TokenBucket> eldest) {
        return size() > keysMax;
      }
    };
  }

  /**
   * Takes one token. Returns zero if the action is allowed, otherwise the time to wait before the
   * next try.
   */
  public synchronized Duration take(String key) {
    var now = nanoTime.getAsLong();
    var bucket = buckets.computeIfAbsent(key, _ -> new TokenBucket(rate, now));
    return Duration.ofNanos(bucket.take(now));
  }
}
