package dev.parlor.client.connection;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Duration;
import java.util.HashSet;
import java.util.Random;
import net.jqwik.api.ForAll;
import net.jqwik.api.Label;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.LongRange;

/** Laws of the pauses between attempts. */
class BackoffProperties {

  private static Timing timing(Duration min, Duration max) {
    var any = Duration.ofSeconds(1);
    return new Timing(min, max, any, any, any, any);
  }

  @Property
  @Label("a pause is between half of its limit and its limit, which doubles up to the maximum")
  void pausesAreBounded(
      @ForAll long seed,
      @ForAll @LongRange(min = 1, max = 5_000) long minMillis,
      @ForAll @LongRange(min = 1, max = 1_000) long factor,
      @ForAll @IntRange(max = 80) int failures) {
    var min = Duration.ofMillis(minMillis);
    var max = min.multipliedBy(factor);
    var backoff = new Backoff(timing(min, max), new Random(seed));
    var limit = min;
    for (var i = 0; i <= failures; i++) {
      var pause = backoff.next();
      var bound = limit.compareTo(max) < 0 ? limit : max;
      assertTrue(pause.compareTo(bound) <= 0, pause + " is above " + bound);
      assertTrue(pause.compareTo(bound.dividedBy(2)) >= 0, pause + " is below half of " + bound);
      limit = bound.multipliedBy(2);
    }
    backoff.reset();
    assertTrue(backoff.next().compareTo(min) <= 0);
  }

  @Property(tries = 50)
  @Label("a hundred clients that lose their server at once come back at different times")
  void clientsDoNotComeTogether(@ForAll long seed) {
    var random = new Random(seed);
    var timing = timing(Duration.ofMillis(500), Duration.ofSeconds(30));
    var pauses = new HashSet<Duration>();
    for (var client = 0; client < 100; client++) {
      pauses.add(new Backoff(timing, new Random(random.nextLong())).next());
    }
    assertEquals(100, pauses.size());
  }
}
