package dev.parlor.relay.token;

import com.nimbusds.jwt.JWTClaimsSet;
import dev.parlor.relay.config.FixedLimits;
import java.time.Duration;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/**
 * The claims of JSON Web Tokens whose signature was verified a short time ago. A client sends the
 * same token with every request, and a verification with RSA costs more than a small request. Only
 * the signature is remembered: the caller checks the dates and the other claims each time. Safe
 * from any thread.
 */
final class VerifiedJwts {
  private static final Duration AGE_MAX = Duration.ofSeconds(FixedLimits.JWT_VERIFIED_SECONDS_MAX);

  private final Optional<Instant> oldKeysUntil;

  private record Verified(JWTClaimsSet claims, Instant at) {}

  private final Map<String, Verified> byToken =
      new LinkedHashMap<>(16, 0.75f, true) {
        private static final long serialVersionUID = 1L;

        @Override
        protected boolean removeEldestEntry(Map.Entry<String, Verified> eldest) {
          return size() > FixedLimits.JWT_VERIFIED_MAX;
        }
      };

  /**
   * @param oldKeysUntil the time at which some keys stop to count; signatures that were verified
   *     before are then verified again
   */
  VerifiedJwts(Optional<Instant> oldKeysUntil) {
    this.oldKeysUntil = oldKeysUntil;
  }

  /** The claims of the token; empty if its signature must be verified. */
  synchronized Optional<JWTClaimsSet> claims(String token, Instant now) {
    var verified = byToken.get(token);
    if (verified == null) {
      return Optional.empty();
    }
    var keysEnded =
        oldKeysUntil
            .filter(until -> verified.at.isBefore(until) && !now.isBefore(until))
            .isPresent();
    if (keysEnded || now.isBefore(verified.at) || !now.isBefore(verified.at.plus(AGE_MAX))) {
      byToken.remove(token);
      return Optional.empty();
    }
    return Optional.of(verified.claims);
  }

  /** Remembers a token whose signature is verified now. */
  synchronized void add(String token, JWTClaimsSet claims, Instant now) {
    byToken.put(token, new Verified(claims, now));
  }
}
