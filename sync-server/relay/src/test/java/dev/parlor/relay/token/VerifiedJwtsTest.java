package dev.parlor.relay.token;

import static org.junit.jupiter.api.Assertions.assertEquals;

import com.nimbusds.jwt.JWTClaimsSet;
import dev.parlor.relay.config.FixedLimits;
import java.time.Instant;
import java.util.Optional;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

class VerifiedJwtsTest {
  private static final Instant NOW = Instant.ofEpochSecond(1_000_000);
  private static final JWTClaimsSet ADA = new JWTClaimsSet.Builder().subject("ada").build();

  private final VerifiedJwts verified = new VerifiedJwts(Optional.empty());

  @Test
  @DisplayName("a verified token is known for less than 60 seconds, and not if the clock goes back")
  void age() {
    verified.add("token", ADA, NOW);
    assertEquals(Optional.of(ADA), verified.claims("token", NOW));
    assertEquals(Optional.of(ADA), verified.claims("token", NOW.plusSeconds(59)));
    assertEquals(Optional.empty(), verified.claims("token", NOW.plusSeconds(60)));
    verified.add("token", ADA, NOW);
    assertEquals(Optional.empty(), verified.claims("token", NOW.minusSeconds(1)));
    assertEquals(Optional.empty(), verified.claims("another", NOW));
  }

  @Test
  @DisplayName("when old keys stop to count, the tokens that were verified before are not known")
  void oldKeys() {
    var end = NOW.plusSeconds(10);
    var rotated = new VerifiedJwts(Optional.of(end));
    rotated.add("token", ADA, NOW);
    assertEquals(Optional.of(ADA), rotated.claims("token", end.minusMillis(1)));
    assertEquals(Optional.empty(), rotated.claims("token", end));
    rotated.add("token", ADA, end);
    assertEquals(Optional.of(ADA), rotated.claims("token", end.plusSeconds(1)));
  }

  @Test
  @DisplayName("above the limit the least recently used token is forgotten")
  void limit() {
    verified.add("first", ADA, NOW);
    verified.add("second", ADA, NOW);
    for (var i = 2; i < FixedLimits.JWT_VERIFIED_MAX; i++) {
      verified.add("token" + i, ADA, NOW);
    }
    assertEquals(Optional.of(ADA), verified.claims("first", NOW));
    verified.add("one more", ADA, NOW);
    assertEquals(Optional.of(ADA), verified.claims("first", NOW));
    assertEquals(Optional.empty(), verified.claims("second", NOW));
  }
}
