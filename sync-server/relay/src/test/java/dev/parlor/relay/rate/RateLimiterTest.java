package dev.parlor.relay.rate;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.parlor.relay.rate.TokenBucket.Rate;
import java.time.Duration;
import org.junit.jupiter.api.Test;

class RateLimiterTest {
  private long nanos;

  private RateLimiter limiter(int burst, int perMinute, int keysMax) {
    return new RateLimiter(
        new Rate(burst, perMinute, Duration.ofMinutes(1).toNanos()), keysMax, () -> nanos);
  }

  @Test
  void eleventhCallInAMinuteWaitsForTheNextToken() {
    var limiter = limiter(10, 10, 100);
    for (var i = 0; i < 10; i++) {
      assertEquals(Duration.ZERO, limiter.take("ada"));
    }
    assertEquals(Duration.ofSeconds(6), limiter.take("ada"));
    assertEquals(Duration.ZERO, limiter.take("bo"));

    nanos += Duration.ofSeconds(6).toNanos();
    assertEquals(Duration.ZERO, limiter.take("ada"));
    assertEquals(Duration.ofSeconds(6), limiter.take("ada"));
  }

  @Test
  void bucketRefillsToItsLimit() {
    var limiter = limiter(2, 60, 100);
    limiter.take("ada");
    limiter.take("ada");
    nanos += Duration.ofHours(1).toNanos();
    assertEquals(Duration.ZERO, limiter.take("ada"));
    assertEquals(Duration.ZERO, limiter.take("ada"));
    assertEquals(Duration.ofSeconds(1), limiter.take("ada"));
  }

  @Test
  void trackedKeysAreLimited() {
    var limiter = limiter(1, 1, 2);
    limiter.take("ada");
    for (var i = 0; i < 1_000; i++) {
      limiter.take("other" + i);
    }
    assertEquals(
        Duration.ZERO,
        limiter.take("ada"),
        "ada's bucket was the least recently used and is evicted");
    assertEquals(Duration.ofMinutes(1), limiter.take("ada"));
  }
}
