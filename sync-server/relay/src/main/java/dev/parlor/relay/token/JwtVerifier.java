package dev.parlor.relay.token;

import com.nimbusds.jose.JOSEException;
import com.nimbusds.jose.JWSAlgorithm;
import com.nimbusds.jose.crypto.ECDSAVerifier;
import com.nimbusds.jose.crypto.RSASSAVerifier;
import com.nimbusds.jose.jwk.Curve;
import com.nimbusds.jose.jwk.ECKey;
import com.nimbusds.jose.jwk.JWK;
import com.nimbusds.jose.jwk.OctetKeyPair;
import com.nimbusds.jose.jwk.RSAKey;
import com.nimbusds.jwt.JWTClaimsSet;
import com.nimbusds.jwt.SignedJWT;
import dev.parlor.relay.config.FixedLimits;
import java.io.IOException;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.Signature;
import java.security.spec.X509EncodedKeySpec;
import java.text.ParseException;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Arrays;
import java.util.Date;
import java.util.HexFormat;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Verifies JSON Web Tokens of one issuer. The token must be signed with RS256, ES256 or EdDSA by a
 * key of the issuer, and have a subject; clocks may differ by 60 s.
 *
 * <p>Only these three algorithms are allowed, and the algorithm must match the type of the key. A
 * token with {@code none}, or with HS256 and the public key as its secret, is therefore refused.
 * Tokens with critical headers ({@code crit}) are refused, and keys inside a token are ignored.
 */
public final class JwtVerifier {
  private static final Logger log = LoggerFactory.getLogger(JwtVerifier.class);

  private static final Duration SKEW = Duration.ofSeconds(FixedLimits.JWT_SKEW_SECONDS_MAX);
  private static final Set<JWSAlgorithm> ALGORITHMS =
      Set.of(JWSAlgorithm.RS256, JWSAlgorithm.ES256, JWSAlgorithm.EdDSA);
  private static final Pattern SUBJECT = Pattern.compile("[A-Za-z0-9_:.@|-]{1,120}");

  private static final int ED25519_KEY_BYTES = 32;

  /** SubjectPublicKeyInfo of an Ed25519 key, before the key's 32 bytes. */
  private static final byte[] ED25519_PREFIX = HexFormat.of().parseHex("302a300506032b6570032100");

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

  /** The result of a verification. */
  public sealed interface Verification {
    /**
     * The issuer vouches for these claims.
     *
     * @param until the end of the token's validity; the allowed difference of clocks is added
     */
    record Valid(JWTClaimsSet claims, Instant until) implements Verification {}

    /** The token was valid before, with these claims. */
    record Expired(JWTClaimsSet claims) implements Verification {}

    /**
     * The token is not valid.
     *
     * @param reason a sentence without the token
     */
    record Invalid(String reason) implements Verification {}

    /**
     * The token cannot be verified now.
     *
     * @param reason a sentence without the token
     */
    record Unavailable(String reason) implements Verification {}
  }

  /** Whether a token has the form of a JWT. Parlor's own tokens have other prefixes. */
  public static boolean isToken(String token) {
    return token.startsWith("eyJ");
  }

  /** Verifies a token; may fetch the issuer's keys. */
  public Verification verify(String token) {
    if (token.length() > FixedLimits.JWT_LENGTH_MAX) {
      return invalid("the token is too long");
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
      return invalid("the token is not a signed JSON Web Token");
    }
    var header = jwt.getHeader();
    if (!ALGORITHMS.contains(header.getAlgorithm())) {
      return invalid("the token is not signed with RS256, ES256 or EdDSA");
    }
    if (header.getCriticalParams() != null && !header.getCriticalParams().isEmpty()) {
      return invalid("the token has critical headers (crit), which are not supported");
    }
    boolean isSigned;
    try {
      isSigned = verifySignature(jwt);
    } catch (IOException e) {
      log.warn("a JSON Web Token cannot be verified: {}", e.getMessage());
      return new Verification.Unavailable("the issuer's keys cannot be fetched now");
    }
    if (!isSigned) {
      return invalid("the signature matches no key of the issuer");
    }
    verified.add(token, claims, clock.instant());
    return checkClaims(claims);
  }

  private boolean verifySignature(SignedJWT jwt) throws IOException {
    var keysTried = 0;
    for (var key : keys.matching(jwt.getHeader())) {
      if (keysTried++ >= FixedLimits.JWT_KEYS_TRIED_MAX) {
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
                && rsa.size() >= FixedLimits.JWT_RSA_BITS_MIN
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
    var x = ed25519.getX().decode();
    if (!Curve.Ed25519.equals(ed25519.getCurve()) || x.length != ED25519_KEY_BYTES) {
      return false;
    }
    try {
      var encoded = Arrays.copyOf(ED25519_PREFIX, ED25519_PREFIX.length + x.length);
      System.arraycopy(x, 0, encoded, ED25519_PREFIX.length, x.length);
      var check = Signature.getInstance("Ed25519");
      check.initVerify(
          KeyFactory.getInstance("Ed25519").generatePublic(new X509EncodedKeySpec(encoded)));
      check.update(jwt.getSigningInput());
      return check.verify(jwt.getSignature().decode());
    } catch (GeneralSecurityException e) {
      return false;
    }
  }

  private Verification checkClaims(JWTClaimsSet claims) {
    var now = clock.instant();
    var expiry = claims.getExpirationTime();
    if (expiry == null) {
      return invalid("the token has no expiry time (exp)");
    }
    var notBefore = Optional.ofNullable(claims.getNotBeforeTime()).map(Date::toInstant);
    if (notBefore.filter(now.plus(SKEW)::isBefore).isPresent()) {
      return invalid("the token is not valid yet (nbf)");
    }
    if (issuer.isPresent() && !issuer.get().equals(claims.getIssuer())) {
      return invalid("the token is from another issuer");
    }
    if (audience.isPresent() && !claims.getAudience().contains(audience.get())) {
      return invalid("the token is for another audience");
    }
    var subject = claims.getSubject();
    if (subject == null || !SUBJECT.matcher(subject).matches()) {
      return invalid("the token's sub must have 1 to 120 characters of letters, digits and _:.@|-");
    }
    var until = expiry.toInstant().plus(SKEW);
    return now.isBefore(until)
        ? new Verification.Valid(claims, until)
        : new Verification.Expired(claims);
  }

  private static Verification invalid(String reason) {
    return new Verification.Invalid(reason);
  }
}
