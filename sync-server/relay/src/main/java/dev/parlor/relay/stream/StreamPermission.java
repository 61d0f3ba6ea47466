package dev.parlor.relay.stream;

import dev.parlor.relay.config.FixedLimits;
import dev.parlor.relay.socket.DocumentAccess.Decision;
import java.time.Duration;
import java.util.Optional;
import java.util.function.Supplier;

/**
 * The permission to read one document, for as long as a stream of it is open. Asks again when the
 * last decision ends or when it is told to. One thread uses it, except for {@link #decideAgain}.
 */
final class StreamPermission {
  private static final long NANOS_PER_SECOND = 1_000_000_000L;
  private static final long NANOS_MAX = Long.MAX_VALUE / 4;

  /** The token has expired. */
  static final String TOKEN_EXPIRED = "token-expired";

  /** The caller may no longer read the document. */
  static final String NO_PERMISSION = "no-permission";

  /** The app's backend did not answer for too long. */
  static final String NO_DECISION = "no-decision";

  private final Supplier<Decision> decisions;
  private final long tokenEndsAt;
  private long decisionEndsAt;
  private long asksAt;
  private volatile boolean mustAsk = true;

  /**
   * @param decisions decides about the document; may block
   * @param tokenValidFor the time until the token expires; empty without a token
   * @param now the present time of a monotonic clock in nanoseconds
   */
  StreamPermission(Supplier<Decision> decisions, Optional<Duration> tokenValidFor, long now) {
    this.decisions = decisions;
    this.tokenEndsAt = now + tokenValidFor.map(StreamPermission::nanos).orElse(NANOS_MAX);
    this.decisionEndsAt = now;
    this.asksAt = now;
  }

  private static long nanos(Duration duration) {
    return duration.compareTo(Duration.ofNanos(NANOS_MAX)) < 0 ? duration.toNanos() : NANOS_MAX;
  }

  /** The next check asks again. Safe from any thread. */
  void decideAgain() {
    mustAsk = true;
  }

  /** Nanoseconds until the next check is due. */
  long nanosToCheck(long now) {
    return mustAsk ? 0 : Math.max(0, Math.min(tokenEndsAt, asksAt) - now);
  }

  /** Checks the permission; returns the reason if it has ended. */
  Optional<String> check(long now) {
    if (now - tokenEndsAt >= 0) {
      return Optional.of(TOKEN_EXPIRED);
    }
    if (!mustAsk && now - asksAt < 0) {
      return Optional.empty();
    }
    mustAsk = false;
    return switch (decisions.get()) {
      case Decision.Allowed(_, var validFor) -> {
        decisionEndsAt = now + validFor.map(StreamPermission::nanos).orElse(NANOS_MAX);
        asksAt = decisionEndsAt;
        yield Optional.empty();
      }
      case Decision.Denied _ -> Optional.of(NO_PERMISSION);
      case Decision.Unavailable _ -> {
        asksAt = now + FixedLimits.AUTHORIZER_RETRY_SECONDS * NANOS_PER_SECOND;
        decisionEndsAt = Math.min(decisionEndsAt, now);
        yield now - decisionEndsAt > FixedLimits.AUTHORIZER_OUTAGE_SECONDS_MAX * NANOS_PER_SECOND
            ? Optional.of(NO_DECISION)
            : Optional.empty();
      }
    };
  }
}
