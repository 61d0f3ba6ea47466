package dev.parlor.apps.identity;

import com.nimbusds.jose.JOSEException;
import com.nimbusds.jose.JWSAlgorithm;
import com.nimbusds.jose.JWSHeader;
import com.nimbusds.jose.crypto.ECDSASigner;
import com.nimbusds.jose.jwk.Curve;
import com.nimbusds.jose.jwk.ECKey;
import com.nimbusds.jose.jwk.gen.ECKeyGenerator;
import com.nimbusds.jose.util.JSONObjectUtils;
import com.nimbusds.jwt.JWTClaimsSet;
import com.nimbusds.jwt.SignedJWT;
import dev.parlor.apps.limits.AppLimits;
import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.text.ParseException;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Date;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * The private half of {@link DeviceCa}: issues certificates that bind new devices to users. The
 * operator's command uses it; the server does not. Immutable; any thread.
 */
public final class DeviceAuthority {
  private static final String NAME = "Parlor device CA";
  private static final int SERIAL_BYTES = 16;

  private final ECKey key;
  private final SecureRandom random;

  private DeviceAuthority(ECKey key, SecureRandom random) {
    this.key = key;
    this.random = random;
  }

  /** Creates an authority with a new key pair. */
  public static DeviceAuthority create(SecureRandom random) {
    return new DeviceAuthority(newKey(random), random);
  }

  /**
   * Reads the authority's private key from a file with a JWK.
   *
   * @throws IOException with one sentence for the operator, without any part of the key
   */
  public static DeviceAuthority read(Path file, SecureRandom random) throws IOException {
    String text;
    try {
      text = Files.readString(file);
    } catch (NoSuchFileException e) {
      throw new IOException("there is no file " + file + " with the device CA's private key", e);
    } catch (AccessDeniedException e) {
      throw new IOException("the file " + file + " cannot be read: access denied", e);
    }
    try {
      var key = ECKey.parse(text);
      if (key.isPrivate() && Curve.P_256.equals(key.getCurve())) {
        return new DeviceAuthority(key, random);
      }
    } catch (ParseException | IllegalArgumentException _) {
      // The parser's message could quote the file.
    }
    throw new IOException(file + " contains no private JWK on the curve P-256");
  }

  /** The private key as a JWK. */
  public String privateJwk() {
    return key.toJSONString();
  }

  /** The public key as a JWK, for {@link DeviceCa#read}. */
  public String publicJwk() {
    return key.toPublicJWK().toJSONString();
  }

  /**
   * Creates the key of a new device and a certificate that binds it to a user.
   *
   * @param identity the user, for example {@code id_5Kd3NBUAdUnhyzenEwVLy3} or {@code jwt:user_2a}
   * @param device a name for the device, which the certificate shows
   * @return the device's private key and certificate, as JSON in the form of the key bag of the
   *     package {@code @vibes.diy/identity}
   * @throws IllegalArgumentException with a sentence, if no certificate can name this user
   */
  public String certify(String identity, String device, Duration validity, Instant now) {
    var userId = DeviceUsers.userId(identity);
    if (!DeviceIds.USER_ID.matcher(userId).matches()
        || !DeviceUsers.identity(userId).equals(identity)) {
      throw new IllegalArgumentException(
          "an identity is id_... or jwt:..., with at most 120 characters of letters, digits and"
              + " _:.@|-");
    }
    if (validity.toDays() < 1 || validity.toDays() > AppLimits.DEVICE_CERTIFICATE_DAYS_MAX) {
      throw new IllegalArgumentException(
          "a certificate is valid for 1 to " + AppLimits.DEVICE_CERTIFICATE_DAYS_MAX + " days");
    }
    var deviceKey = newKey(random);
    var from = now.truncatedTo(ChronoUnit.SECONDS);
    var claims = claims(userId, device, deviceKey, from, from.plus(validity));
    var certificate = new LinkedHashMap<String, Object>();
    certificate.put("certificateJWT", signed(claims));
    certificate.put("certificatePayload", claims.toJSONObject());
    return JSONObjectUtils.toJSONString(
        Map.of(
            "clazz",
            "DeviceIdKeyBagItem",
            "item",
            Map.of("deviceId", deviceKey.toJSONObject(), "cert", certificate)));
  }

  /**
   * Two names of a certificate that tell nothing secret; a line with one of them revokes it.
   *
   * @param thumbprint of the device's key (RFC 7638, SHA-256)
   */
  public record Marks(String serialNumber, String thumbprint) {}

  /**
   * The marks of a certificate.
   *
   * @param certified a result of {@link #certify}
   */
  public static Marks marks(String certified) {
    try {
      var item = JSONObjectUtils.getJSONObject(JSONObjectUtils.parse(certified), "item");
      var claims =
          JSONObjectUtils.getJSONObject(
              JSONObjectUtils.getJSONObject(item, "cert"), "certificatePayload");
      var key = ECKey.parse(JSONObjectUtils.getJSONObject(item, "deviceId"));
      return new Marks(
          JSONObjectUtils.getString(claims, "jti"), key.computeThumbprint().toString());
    } catch (ParseException | JOSEException _) {
      throw new IllegalArgumentException("this is no certificate of a device");
    }
  }

  private JWTClaimsSet claims(
      String userId, String device, ECKey deviceKey, Instant from, Instant to) {
    var serial = serial();
    var certificate = new LinkedHashMap<String, Object>();
    certificate.put("version", "3");
    certificate.put("serialNumber", serial);
    certificate.put("subject", Map.of("commonName", device));
    certificate.put("issuer", Map.of("commonName", NAME));
    certificate.put("validity", Map.of("notBefore", from.toString(), "notAfter", to.toString()));
    certificate.put("subjectPublicKeyInfo", deviceKey.toPublicJWK().toJSONObject());
    certificate.put("signatureAlgorithm", "ES256");
    certificate.put("keyUsage", List.of("digitalSignature"));
    certificate.put("extendedKeyUsage", List.of("clientAuth"));
    return new JWTClaimsSet.Builder()
        .issuer(NAME)
        .subject(device)
        .audience("certificate-users")
        .issueTime(Date.from(from))
        .notBeforeTime(Date.from(from))
        .expirationTime(Date.from(to))
        .jwtID(serial)
        .claim("creatingUser", Map.of("type", "clerk", "claims", user(userId)))
        .claim("certificate", certificate)
        .serializeNullClaims(true)
        .build();
  }

  /**
   * The user in the form of the package's certificates. The package fills in a missing member of
   * {@code params}, and then the certificate would differ from the signed one; so all are here.
   */
  private static Map<String, Object> user(String userId) {
    var params = new LinkedHashMap<String, Object>();
    params.put("email", "");
    params.put("email_verified", false);
    params.put("first", "");
    params.put("image_url", "");
    params.put("last", "");
    params.put("name", userId);
    params.put("public_meta", Map.of());
    return Map.of("params", params, "role", "device-id", "sub", userId, "userId", userId);
  }

  private String signed(JWTClaimsSet claims) {
    try {
      var header =
          new JWSHeader.Builder(JWSAlgorithm.ES256)
              .type(DeviceCa.CERTIFICATE_TYPE)
              .keyID(key.computeThumbprint().toString())
              .build();
      var jwt = new SignedJWT(header, claims);
      jwt.sign(new ECDSASigner(key));
      return jwt.serialize();
    } catch (JOSEException e) {
      throw new IllegalStateException("a key on P-256 signs with ES256", e);
    }
  }

  private String serial() {
    var bytes = new byte[SERIAL_BYTES];
    random.nextBytes(bytes);
    return HexFormat.of().formatHex(bytes);
  }

  private static ECKey newKey(SecureRandom random) {
    try {
      return new ECKeyGenerator(Curve.P_256).secureRandom(random).generate();
    } catch (JOSEException e) {
      throw new IllegalStateException("every Java platform has P-256", e);
    }
  }
}
