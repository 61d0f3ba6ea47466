package dev.parlor.apps.rate;

import dev.parlor.apps.error.AppsException;
import dev.parlor.apps.error.ErrorCode;
import dev.parlor.apps.limits.AppLimits;
import dev.parlor.relay.rate.RateLimiter;
import dev.parlor.relay.rate.TokenBucket.Rate;
import java.time.Duration;
import java.util.Optional;
import java.util.function.LongSupplier;

/**
 * Counts the requests of the apps API. The rate of an address counts before the user is known, so
 * it also bounds requests with wrong tokens. Safe from any thread.
 */
public final class RequestRates {
  /** The further member of the error: seconds until the next request can succeed. */
  public static final String RETRY_AFTER = "retryAfter";

  private final Optional<RateLimiter> users;
  private final Optional<RateLimiter> addresses;
  private final Limits limits;

  /**
   * The requests in a second; 0 means no limit. After a pause, the requests of {@link
   * AppLimits#RATE_BURST_SECONDS} seconds may come at once.
   */
  public record Limits(int perUser, int perAddress) {
    /** No limits. */
    public static final Limits NONE = new Limits(0, 0);
  }

  /**
   * @param nanoTime a monotonic clock, in production {@code System::nanoTime}
   */
  public RequestRates(Limits limits, LongSupplier nanoTime) {
    this.limits = limits;
    this.users = limiter(limits.perUser(), nanoTime);
    this.addresses = limiter(limits.perAddress(), nanoTime);
  }

  private static Optional<RateLimiter> limiter(int perSecond, LongSupplier nanoTime) {
    if (perSecond == 0) {
      return Optional.empty();
    }
    var rate =
        new Rate(
            perSecond * AppLimits.RATE_BURST_SECONDS, perSecond, Duration.ofSeconds(1).toNanos());
    return Optional.of(new RateLimiter(rate, AppLimits.RATE_KEYS_MAX, nanoTime));
  }

  /** The refusal of a request from this address; empty if the request is within the rate. */
  public Optional<AppsException> countAddress(String address) {
    return refusal(addresses, address, "one address", limits.perAddress());
  }

  /** The refusal of a request of this user; empty if the request is within the rate. */
  public Optional<AppsException> countUser(String userId) {
    return refusal(users, userId, "one user", limits.perUser());
  }

  private static Optional<AppsException> refusal(
      Optional<RateLimiter> limiter, String key, String sender, int perSecond) {
    var wait = limiter.map(one -> one.take(key)).orElse(Duration.ZERO);
    if (wait.isZero()) {
      return Optional.empty();
    }
    // A waiting client should not come some nanoseconds too early.
    var seconds = wait.plusSeconds(1).minusNanos(1).toSeconds();
    return Optional.of(
        AppsException.of(
                ErrorCode.TOO_MANY_REQUESTS,
                "this server takes "
                    + perSecond
                    + " requests a second of "
                    + sender
                    + "; try again in "
                    + seconds
                    + " s")
            .with(RETRY_AFTER, seconds));
  }
}
