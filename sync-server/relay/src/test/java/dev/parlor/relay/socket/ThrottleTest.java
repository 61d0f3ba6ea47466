package dev.parlor.relay.socket;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.parlor.relay.config.Limits;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/** Tests {@link Throttle}. */
class ThrottleTest {

  private static final long SECOND = 1_000_000_000L;

  private final Throttle throttle = new Throttle(new Limits.Traffic(10, 1_000, 1), 0);

  @Test
  @DisplayName("the messages of one second pass at once, and the next message must wait")
  void messages() {
    for (var i = 0; i < 10; i++) {
      assertEquals(0, throttle.spend(1, 1, 0));
    }
    assertEquals(SECOND / 10, throttle.spend(1, 1, 0));
    assertEquals(0, throttle.spend(1, 1, 10 * SECOND));
  }

  @Test
  @DisplayName(
      "a message with more bytes than one second's limit passes, and later messages must wait longer")
  void bytes() {
    assertEquals(4 * SECOND, throttle.spend(1, 5_000, 0));
    assertEquals(0, throttle.spend(1, 0, 4 * SECOND + 1));
  }

  @Property
  void waitingAsReturnedKeepsTheRate(
      @ForAll @IntRange(min = 1, max = 100) int perSecond,
      @ForAll @IntRange(min = 1, max = 500) int count) {
    var strict = new Throttle(new Limits.Traffic(perSecond, Integer.MAX_VALUE, 1), 0);
    var now = 0L;
    for (var i = 0; i < count; i++) {
      now += strict.spend(1, 1, now);
    }
    var nanosMin = (count - perSecond) * SECOND / perSecond;
    assertTrue(now >= nanosMin - count, () -> count + " messages came too early");
    assertTrue(now <= Math.max(0, nanosMin) + SECOND / perSecond + count);
  }
}
