package dev.parlor.server.access;

import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.LongSupplier;

/**
 * Token buckets by key. Each key may do {@code burst} actions at once and {@code perMinute} actions
 * a minute in the long run. Keys are identities, addresses or rooms, so a new socket does not get a
 * new bucket.
 *
 * <p>At most {@code keysMax} buckets are kept. Above this, the least recently used bucket is
 * evicted. An unused bucket fills up again, so the eviction of an old bucket grants no extra
 * actions.
 */
public final class RateLimiter {

  /**
   * A rate limit.
   *
   * @param burst actions at once, with a full bucket
   * @param perMinute actions refilled per minute, at an even rate
   */
  public record Rate(int burst, int perMinute) {
    public Rate {
      if (burst < 1 || perMinute < 1) {
        throw new IllegalArgumentException("a rate allows at least one");
      }
    }
  }

  private static final class Bucket {
    double tokens;
    long nanosAt;
  }

  private static final double NANOS_PER_MINUTE = 60e9;

  private final Rate rate;
  private final LongSupplier nanoTime;
  private final Map<String, Bucket> buckets;

  /**
   * @param nanoTime a monotonic clock in nanoseconds
   */
  public RateLimiter(Rate rate, int keysMax, LongSupplier nanoTime) {
    this.rate = rate;
    this.nanoTime = nanoTime;
    this.buckets = boundedByUse(keysMax);
  }

  private static Map<String, Bucket> boundedByUse(int keysMax) {
    return new LinkedHashMap<>(16, 0.75f, true) {
      private static final long serialVersionUID = 1L;

      @Override
      protected boolean removeEldestEntry(Map.Entry<String, Bucket> eldest) {
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
    var bucket = buckets.get(key);
    if (bucket == null) {
      bucket = new Bucket();
      bucket.tokens = rate.burst();
      buckets.put(key, bucket);
    } else {
      var refill = (now - bucket.nanosAt) / NANOS_PER_MINUTE * rate.perMinute();
      bucket.tokens = Math.min(rate.burst(), bucket.tokens + refill);
    }
    bucket.nanosAt = now;
    if (bucket.tokens >= 1) {
      bucket.tokens -= 1;
      return Duration.ZERO;
    }
    var missing = (1 - bucket.tokens) * NANOS_PER_MINUTE / rate.perMinute();
    return Duration.ofNanos((long) Math.ceil(missing));
  }
}
