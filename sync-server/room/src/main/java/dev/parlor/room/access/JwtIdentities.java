package dev.parlor.room.access;

import com.nimbusds.jwt.JWTClaimsSet;
import dev.parlor.relay.token.JwtVerifier;
import dev.parlor.room.access.TokenVerifier.Verification;
import dev.parlor.room.schema.RoomLimits;
import java.util.Optional;

/** Identities by JSON Web Tokens: a valid token proves the identity {@code jwt:<sub>}. */
public final class JwtIdentities {
  private static final String RULE = "AC11";

  private final JwtVerifier verifier;

  public JwtIdentities(JwtVerifier verifier) {
    this.verifier = verifier;
  }

  /** Verifies a token; may fetch the issuer's keys. */
  public Verification verify(String token) {
    return switch (verifier.verify(token)) {
      case JwtVerifier.Verification.Valid(var claims, _) ->
          new Verification.Proved("jwt:" + claims.getSubject(), name(claims));
      case JwtVerifier.Verification.Expired _ -> refused(401, "bad-jwt", "the token has expired");
      case JwtVerifier.Verification.Invalid(var reason) -> refused(401, "bad-jwt", reason);
      case JwtVerifier.Verification.Unavailable(var reason) -> refused(503, "unavailable", reason);
    };
  }

  private static Optional<String> name(JWTClaimsSet claims) {
    return claims.getClaim("name") instanceof String name
            && !name.isBlank()
            && name.length() <= RoomLimits.NAME_LENGTH_MAX
            && name.codePoints().noneMatch(Character::isISOControl)
        ? Optional.of(name.strip())
        : Optional.empty();
  }

  private static Verification refused(int status, String code, String reason) {
    return new Verification.Refused(new AccessRefusal(RULE, status, code, reason));
  }
}
