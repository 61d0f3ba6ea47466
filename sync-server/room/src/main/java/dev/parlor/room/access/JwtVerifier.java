package dev.parlor.room.access;

import com.nimbusds.jose.JOSEException;
import com.nimbusds.jose.JWSAlgorithm;
import com.nimbusds.jose.crypto.ECDSAVerifier;
import com.nimbusds.jose.crypto.RSASSAVerifier;
import com.nimbusds.jose.jwk.ECKey;
import com.nimbusds.jose.jwk.JWK;
import com.nimbusds.jose.jwk.OctetKeyPair;
import com.nimbusds.jose.jwk.RSAKey;
import com.nimbusds.jwt.JWTClaimsSet;
import com.nimbusds.jwt.SignedJWT;
import dev.parlor.crdt.identity.Bytes;
import dev.parlor.crdt.identity.Decoding;
import dev.parlor.room.access.TokenVerifier.Verification;
import dev.parlor.room.limits.FixedServiceLimits;
import dev.parlor.room.schema.RoomLimits;
import java.io.IOException;
import java.text.ParseException;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Date;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Verifies JSON Web Tokens of one issuer. A valid token proves the identity {@code jwt:<sub>}. The
 * token must be signed with RS256, ES256 or EdDSA by a key of the issuer and must not be expired;
 * clocks may differ by 60 s.
 *
 * <p>Only these three algorithms are allowed, and the algorithm must match the type of the key. A
 * token with {@code none}, or with HS256 and the public key as its secret, is therefore refused.
 * Tokens with critical headers ({@code crit}) are refused, and keys inside a token are ignored.
 */
public final class JwtVerifier {
  private static final Logger log = LoggerFactory.getLogger(JwtVerifier.class);

  private static final Duration SKEW = Duration.ofSeconds(FixedServiceLimits.JWT_SKEW_SECONDS_MAX);
  private static final Set<JWSAlgorithm> ALGORITHMS =
      Set.of(JWSAlgorithm.RS256, JWSAlgorithm.ES256, JWSAlgorithm.EdDSA);
  private static final Pattern SUBJECT = Pattern.compile("[A-Za-z0-9_:.@|-]{1,120}");

  private final JwtKeys keys;
  private final Optional<String> issuer;
  private final Optional<String> audience;
  private final InstantSource clock;
  private final VerifiedJwts verified;

  /**
   * @param issuer the required {@code iss}; empty accepts any issuer
   * @param audience must be in {@code aud}; empty accepts any audience
   */
  public JwtVerifier(
      JwtKeys keys, Optional<String> issuer, Optional<String> audience, InstantSource clock) {
    this.keys = keys;
    this.issuer = issuer;
    this.audience = audience;
    this.clock = clock;
    this.verified = new VerifiedJwts(keys.oldUntil());
  }

  /** Whether a token has the form of a JWT. Parlor's own tokens have other prefixes. */
  static boolean isToken(String token) {
    return token.startsWith("eyJ");
  }

  /** Verifies a token; may fetch the issuer's keys. */
  public Verification verify(String token) {
    if (token.length() > FixedServiceLimits.JWT_LENGTH_MAX) {
      return refused("the token is too long");
    }
    var known = verified.claims(token, clock.instant());
    return known.isPresent() ? checkClaims(known.get()) : verifyUnknown(token);
  }

  private Verification verifyUnknown(String token) {
    SignedJWT jwt;
    JWTClaimsSet claims;
    try {
      jwt = SignedJWT.parse(token);
      claims = jwt.getJWTClaimsSet();
    } catch (ParseException | RuntimeException e) {
      return refused("the token is not a signed JSON Web Token");
    }
    var header = jwt.getHeader();
    if (!ALGORITHMS.contains(header.getAlgorithm())) {
      return refused("the token is not signed with RS256, ES256 or EdDSA");
    }
    if (header.getCriticalParams() != null && !header.getCriticalParams().isEmpty()) {
      return refused("the token has critical headers (crit), which are not supported");
    }
    boolean isSigned;
    try {
      isSigned = verifySignature(jwt);
    } catch (IOException e) {
      log.warn("a JSON Web Token cannot be verified: {}", e.getMessage());
      return new Verification.Refused(
          new AccessRefusal(RULE, 503, "unavailable", "the issuer's keys cannot be fetched now"));
    }
    if (!isSigned) {
      return refused("the signature matches no key of the issuer");
    }
    verified.add(token, claims, clock.instant());
    return checkClaims(claims);
  }

  private boolean verifySignature(SignedJWT jwt) throws IOException {
    var keysTried = 0;
    for (var key : keys.matching(jwt.getHeader())) {
      if (keysTried++ >= FixedServiceLimits.JWT_KEYS_TRIED_MAX) {
        return false;
      }
      if (verifies(key, jwt)) {
        return true;
      }
    }
    return false;
  }

  private static boolean verifies(JWK key, SignedJWT jwt) {
    try {
      return switch (key) {
        case RSAKey rsa ->
            jwt.getHeader().getAlgorithm().equals(JWSAlgorithm.RS256)
                && rsa.size() >= FixedServiceLimits.JWT_RSA_BITS_MIN
                && jwt.verify(new RSASSAVerifier(rsa.toRSAPublicKey()));
        case ECKey ec ->
            jwt.getHeader().getAlgorithm().equals(JWSAlgorithm.ES256)
                && jwt.verify(new ECDSAVerifier(ec.toECPublicKey()));
        case OctetKeyPair ed25519 ->
            jwt.getHeader().getAlgorithm().equals(JWSAlgorithm.EdDSA) && verifies(ed25519, jwt);
        default -> false;
      };
    } catch (JOSEException e) {
      return false;
    }
  }

  /** Verifies with Java's own Ed25519: the JWT library would need another library for it. */
  private static boolean verifies(OctetKeyPair ed25519, SignedJWT jwt) {
    var jwk =
        Map.of("kty", "OKP", "crv", ed25519.getCurve().getName(), "x", ed25519.getX().toString());
    return ProofKey.ofJwk(jwk) instanceof Decoding.Decoded<ProofKey>(var key)
        && key.verifies(Bytes.wrap(jwt.getSigningInput()), Bytes.wrap(jwt.getSignature().decode()));
  }

  private Verification checkClaims(JWTClaimsSet claims) {
    var now = clock.instant();
    var expiry = claims.getExpirationTime();
    if (expiry == null) {
      return refused("the token has no expiry time (exp)");
    }
    if (!now.minus(SKEW).isBefore(expiry.toInstant())) {
      return refused("the token has expired");
    }
    var notBefore = Optional.ofNullable(claims.getNotBeforeTime()).map(Date::toInstant);
    if (notBefore.filter(now.plus(SKEW)::isBefore).isPresent()) {
      return refused("the token is not valid yet (nbf)");
    }
    if (issuer.isPresent() && !issuer.get().equals(claims.getIssuer())) {
      return refused("the token is from another issuer");
    }
    if (audience.isPresent() && !claims.getAudience().contains(audience.get())) {
      return refused("the token is for another audience");
    }
    var subject = claims.getSubject();
    if (subject == null || !SUBJECT.matcher(subject).matches()) {
      return refused("the token's sub must have 1 to 120 characters of letters, digits and _:.@|-");
    }
    return new Verification.Proved("jwt:" + subject, name(claims));
  }

  private static Optional<String> name(JWTClaimsSet claims) {
    return claims.getClaim("name") instanceof String name
            && !name.isBlank()
            && name.length() <= RoomLimits.NAME_LENGTH_MAX
            && name.codePoints().noneMatch(Character::isISOControl)
        ? Optional.of(name.strip())
        : Optional.empty();
  }

  private static Verification refused(String reason) {
    return new Verification.Refused(new AccessRefusal(RULE, 401, "bad-jwt", reason));
  }

  private static final String RULE = "AC11";
}
