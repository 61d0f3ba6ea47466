package dev.parlor.relay.rate;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.parlor.relay.rate.TokenBucket.Rate;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.LongRange;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

class TokenBucketTest {

  private static final long SECOND = 1_000_000_000L;

  private final TokenBucket bucket = new TokenBucket(Rate.perSecond(4), 0);

  @Test
  @DisplayName(
      "a full bucket gives its burst at once; then take returns the time until the next token")
  void fullBucketGivesItsBurst() {
    for (var i = 0; i < 4; i++) {
      assertEquals(0, bucket.take(0));
    }
    assertEquals(SECOND / 4, bucket.take(0));
    assertEquals(1, bucket.take(SECOND / 4 - 1));
    assertEquals(0, bucket.take(SECOND / 4));
    assertEquals(SECOND / 4, bucket.take(SECOND / 4));
  }

  @Test
  @DisplayName("an unused bucket refills to its burst and not beyond")
  void refillsToBurst() {
    assertEquals(0, bucket.borrow(4, 0));
    var muchLater = Long.MAX_VALUE / 2;
    for (var i = 0; i < 4; i++) {
      assertEquals(0, bucket.take(muchLater));
    }
    assertEquals(SECOND / 4, bucket.take(muchLater));
  }

  @Test
  @DisplayName(
      "borrow takes more tokens than there are, and returns the time until the balance is zero again")
  void borrowMayTakeMoreThanTheBalance() {
    assertEquals(2 * SECOND, bucket.borrow(12, 0));
    assertEquals(SECOND, bucket.borrow(0, SECOND));
    assertEquals(0, bucket.borrow(0, 2 * SECOND));
    assertEquals(SECOND / 4, bucket.take(2 * SECOND));
  }

  @Test
  @DisplayName("a time before the last one changes no balance")
  void earlierTimeIsIgnored() {
    assertEquals(0, bucket.borrow(4, SECOND));
    assertEquals(SECOND / 4, bucket.take(0));
    assertEquals(0, bucket.take(SECOND + SECOND / 4));
  }

  @Test
  @DisplayName("the largest rate of an int does not overflow")
  void largestRateDoesNotOverflow() {
    var rate = Rate.perMinute(Integer.MAX_VALUE);
    var large = new TokenBucket(rate, Long.MIN_VALUE / 2);
    assertEquals(0, large.borrow(Integer.MAX_VALUE, 0));
    assertTrue(large.take(0) > 0);
    assertEquals(0, large.take(rate.periodNanos()));
  }

  @Test
  @DisplayName("a rate without a token in a period is refused")
  void rateWithoutTokensIsRefused() {
    assertThrows(IllegalArgumentException.class, () -> Rate.perSecond(0));
    assertThrows(IllegalArgumentException.class, () -> new Rate(0, 1, 1));
    assertThrows(IllegalArgumentException.class, () -> new Rate(1, 1, 0));
  }

  @Property
  void tokensAreExactAndNeverMoreThanBurstAndRefill(
      @ForAll @IntRange(min = 1, max = 100) int perSecond,
      @ForAll @LongRange(min = 1, max = SECOND / 10) long step,
      @ForAll @IntRange(min = 1, max = 500) int attempts) {
    var limited = new TokenBucket(Rate.perSecond(perSecond), 0);
    var exact = perSecond * SECOND;
    var total = 0;
    for (var i = 0; i < attempts; i++) {
      exact = i == 0 ? exact : Math.min(perSecond * SECOND, exact + step * perSecond);
      var taken = limited.take(i * step) == 0;
      assertEquals(exact >= SECOND, taken, "attempt " + i);
      if (taken) {
        exact -= SECOND;
        total++;
      }
    }
    assertTrue(total <= perSecond + (attempts - 1) * step * perSecond / SECOND);
  }
}
