package dev.parlor.apps.identity;

import com.fasterxml.jackson.core.JacksonException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.nimbusds.jose.JOSEException;
import com.nimbusds.jose.JWSAlgorithm;
import com.nimbusds.jose.crypto.ECDSAVerifier;
import com.nimbusds.jose.jwk.ECKey;
import com.nimbusds.jwt.JWTClaimsSet;
import com.nimbusds.jwt.SignedJWT;
import dev.parlor.apps.error.AppsException;
import dev.parlor.apps.error.ErrorCode;
import dev.parlor.apps.limits.AppLimits;
import java.nio.charset.StandardCharsets;
import java.text.ParseException;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Base64;
import java.util.Date;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Checks the tokens of devices. A token is a JSON Web Token (ES256) that the device signs. Its
 * header has the device's certificate twice: {@code x5c[0]} is the certificate's JSON in Base64,
 * {@code x5c#jwt} is the same certificate signed by the authority. The certificate names the
 * device's key and its user.
 *
 * <p>Only what the authority signed counts. {@code x5c[0]} must be equal to it, since other servers
 * read that member. The thumbprints {@code x5t} and {@code x5t#S256} are not compared: they would
 * only repeat the comparison with the signed certificate. Safe from any thread.
 */
public final class DeviceIds implements TokenCheck {
  private static final ObjectMapper JSON =
      JsonMapper.builder()
          .enable(DeserializationFeature.FAIL_ON_READING_DUP_TREE_KEY)
          .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
          .build();
  private static final Duration SKEW = Duration.ofSeconds(AppLimits.CLOCK_SKEW_SECONDS_MAX);
  private static final Duration AGE_MAX = Duration.ofSeconds(AppLimits.DEVICE_TOKEN_SECONDS_MAX);

  /** The characters of an identity; the same as in the tokens of an issuer. */
  static final Pattern USER_ID = Pattern.compile("[A-Za-z0-9_:.@|-]{1,120}");

  private final TrustedAuthorities authorities;
  private final RevokedDevices revoked;
  private final InstantSource clock;

  public DeviceIds(TrustedAuthorities authorities, RevokedDevices revoked, InstantSource clock) {
    this.authorities = authorities;
    this.revoked = revoked;
    this.clock = clock;
  }

  /** A token or certificate with its claims. */
  private record Parsed(SignedJWT jwt, JWTClaimsSet claims) {}

  @Override
  public String userOf(String token) {
    var parsed = parse(token, "the token is not a signed JSON Web Token");
    if (!JWSAlgorithm.ES256.equals(parsed.jwt().getHeader().getAlgorithm())) {
      throw refused("the token is not signed with ES256");
    }
    var now = clock.instant();
    var certificate = certificate(parsed.jwt().getHeader().toJSONObject(), now);
    checkDates("certificate", certificate, now);
    var content = certificate.toJSONObject();
    var key = deviceKey(content);
    if (!verifies(parsed.jwt(), key)) {
      throw refused("the signature of the token does not match the key of its certificate");
    }
    if (revoked.contains(Optional.ofNullable(certificate.getJWTID()), thumbprint(key))) {
      throw refused("the certificate of this device was revoked");
    }
    checkDates("token", parsed.claims(), now);
    checkAge(parsed.claims(), now);
    return user(content);
  }

  private static Parsed parse(String token, String otherwise) {
    try {
      var jwt = SignedJWT.parse(token);
      return new Parsed(jwt, jwt.getJWTClaimsSet());
    } catch (ParseException | RuntimeException _) {
      throw refused(otherwise);
    }
  }

  /** The certificate as the authority signed it. */
  private JWTClaimsSet certificate(Map<String, Object> header, Instant now) {
    if (!(header.get("x5c#jwt") instanceof String signed)) {
      throw refused(
          "the token has no certificate signed by the device CA (x5c#jwt); renew the device's"
              + " certificate");
    }
    var certificate = parse(signed, "the certificate in x5c#jwt is not a signed JSON Web Token");
    if (!authorities.signed(certificate.jwt(), now)) {
      throw refused("the certificate in x5c#jwt is not signed by this server's device CA");
    }
    if (!(header.get("x5c") instanceof List<?> chain)
        || chain.size() != 1
        || !(chain.getFirst() instanceof String embedded)) {
      throw refused("the token must have exactly one certificate in x5c");
    }
    var signedContent = json(certificate.jwt().getPayload().toString());
    var embeddedContent = decoded(embedded).flatMap(DeviceIds::json);
    if (embeddedContent.isEmpty() || !embeddedContent.equals(signedContent)) {
      throw refused("the certificate in x5c differs from the signed certificate in x5c#jwt");
    }
    return certificate.claims();
  }

  private static Optional<String> decoded(String base64) {
    try {
      var standard = base64.replace('-', '+').replace('_', '/');
      return Optional.of(new String(Base64.getDecoder().decode(standard), StandardCharsets.UTF_8));
    } catch (IllegalArgumentException _) {
      return Optional.empty();
    }
  }

  private static Optional<JsonNode> json(String text) {
    try {
      return Optional.of(JSON.readTree(text));
    } catch (JacksonException _) {
      return Optional.empty();
    }
  }

  private static void checkDates(String name, JWTClaimsSet claims, Instant now) {
    var expiry = instant(claims.getExpirationTime());
    if (expiry.isEmpty()) {
      throw refused("the " + name + " has no expiry time (exp)");
    }
    if (!now.minus(SKEW).isBefore(expiry.get())) {
      throw refused("the " + name + " has expired");
    }
    if (instant(claims.getNotBeforeTime()).filter(now.plus(SKEW)::isBefore).isPresent()) {
      throw refused("the " + name + " is not valid yet (nbf)");
    }
  }

  private static void checkAge(JWTClaimsSet token, Instant now) {
    var issued = instant(token.getIssueTime());
    if (issued.isEmpty()) {
      throw refused("the token has no time of issue (iat)");
    }
    if (issued.get().isAfter(now.plus(SKEW))) {
      throw refused("the token's time of issue (iat) is in the future");
    }
    if (issued.get().isBefore(now.minus(AGE_MAX).minus(SKEW))) {
      throw refused(
          "the token is older than "
              + AppLimits.DEVICE_TOKEN_SECONDS_MAX
              + " s (iat); the device must sign a new token");
    }
  }

  private static Optional<Instant> instant(@Nullable Date date) {
    return Optional.ofNullable(date).map(Date::toInstant);
  }

  private static ECKey deviceKey(Map<String, Object> certificate) {
    return member(certificate, "certificate")
        .flatMap(inner -> member(inner, "subjectPublicKeyInfo"))
        .flatMap(PublicKeys::p256)
        .orElseThrow(() -> refused("the certificate has no public key on the curve P-256"));
  }

  private static String thumbprint(ECKey key) {
    try {
      return key.computeThumbprint().toString();
    } catch (JOSEException e) {
      throw new IllegalStateException("every Java platform has SHA-256", e);
    }
  }

  private static boolean verifies(SignedJWT token, ECKey key) {
    try {
      return token.verify(new ECDSAVerifier(key));
    } catch (JOSEException _) {
      return false;
    }
  }

  /** The user that the authority bound the device to. */
  private static String user(Map<String, Object> certificate) {
    var userId =
        member(certificate, "creatingUser")
            .flatMap(creator -> member(creator, "claims"))
            .map(claims -> claims.get("userId"));
    if (!(userId.orElse(null) instanceof String text)) {
      throw refused("the certificate names no user (creatingUser.claims.userId)");
    }
    if (!USER_ID.matcher(text).matches()) {
      throw refused(
          "the user id of the certificate must have 1 to 120 characters of letters, digits and"
              + " _:.@|-");
    }
    return DeviceUsers.identity(text);
  }

  private static Optional<Map<String, Object>> member(Map<String, Object> object, String name) {
    if (!(object.get(name) instanceof Map<?, ?> inner)) {
      return Optional.empty();
    }
    var members = new LinkedHashMap<String, Object>();
    inner.forEach((key, value) -> members.put(String.valueOf(key), value));
    return Optional.of(members);
  }

  private static AppsException refused(String reason) {
    return AppsException.of(ErrorCode.BAD_TOKEN, reason);
  }
}
