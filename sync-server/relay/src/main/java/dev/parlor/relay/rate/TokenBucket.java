package dev.parlor.relay.rate;

/**
 * A token bucket. It holds at most {@code burst} tokens, and is refilled evenly with {@code tokens}
 * tokens per period. It is full at the start. The caller passes the time of a monotonic clock in
 * nanoseconds; a time before the last one counts as the last one. Used by one thread at a time.
 *
 * <h2>The unit of the balance</h2>
 *
 * The balance is kept in tokens times nanoseconds of the period. An elapsed time then refills a
 * whole number of units. A {@code double} holds whole numbers exactly up to 2^53, so rounding never
 * loses a token of the usual rates. Larger rates lose less than a billionth, and no rate overflows.
 */
public final class TokenBucket {

  /**
   * A rate limit.
   *
   * @param burst tokens in a full bucket
   * @param tokens tokens refilled in a period
   * @param periodNanos length of the period in nanoseconds
   */
  public record Rate(int burst, int tokens, long periodNanos) {

    public Rate {
      if (burst < 1 || tokens < 1 || periodNanos < 1) {
        throw new IllegalArgumentException("a rate allows at least one token in a period");
      }
    }

    /** Refills this many tokens in a second. The full bucket holds the same number. */
    public static Rate perSecond(int tokens) {
      return new Rate(tokens, tokens, 1_000_000_000L);
    }

    /** Refills this many tokens in a minute. The full bucket holds the same number. */
    public static Rate perMinute(int tokens) {
      return new Rate(tokens, tokens, 60_000_000_000L);
    }
  }

  private final Rate rate;

  /** In tokens times nanoseconds; below zero after {@link #borrow} took more than the balance. */
  private double balance;

  private long refilledAt;

  public TokenBucket(Rate rate, long nowNanos) {
    this.rate = rate;
    this.balance = capacity();
    this.refilledAt = nowNanos;
  }

  /**
   * Takes one token if there is one.
   *
   * @return 0 if a token was taken, otherwise the nanoseconds until the next token
   */
  public long take(long nowNanos) {
    refill(nowNanos);
    var missing = rate.periodNanos - balance;
    if (missing > 0) {
      return nanosToRefill(missing);
    }
    balance -= rate.periodNanos;
    return 0;
  }

  /**
   * Takes this many tokens, even if the bucket has fewer. The balance may then be below zero.
   *
   * @return the nanoseconds until the balance is no longer below zero; 0 if it is not below zero
   */
  public long borrow(long tokens, long nowNanos) {
    refill(nowNanos);
    balance -= (double) tokens * rate.periodNanos;
    return balance < 0 ? nanosToRefill(-balance) : 0;
  }

  private double capacity() {
    return (double) rate.burst * rate.periodNanos;
  }

  private void refill(long nowNanos) {
    var elapsed = nowNanos - refilledAt;
    if (elapsed > 0) {
      balance = Math.min(capacity(), balance + (double) elapsed * rate.tokens);
      refilledAt = nowNanos;
    }
  }

  private long nanosToRefill(double units) {
    return (long) Math.ceil(units / rate.tokens);
  }
}
