package dev.parlor.apps.identity;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.nimbusds.jose.JOSEException;
import com.nimbusds.jose.jwk.Curve;
import com.nimbusds.jose.jwk.ECKey;
import com.nimbusds.jose.jwk.gen.ECKeyGenerator;
import com.nimbusds.jose.util.JSONObjectUtils;
import dev.parlor.apps.error.AppsException;
import dev.parlor.apps.error.ErrorCode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.text.ParseException;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Tokens of devices: proof by the certificate that the configured authority signed. */
class DeviceIdsTest {
  private static final Instant NOW = Instant.parse("2026-11-29T12:00:00Z");
  private static final String USER = "jwt:user_2abc";

  private final SecureRandom random = new SecureRandom();
  private final DeviceAuthority authority = DeviceAuthority.create(random);
  private final TestDevice device = TestDevice.certifiedBy(authority, USER, NOW);
  @TempDir private Path folder;
  private Path caFile = Path.of("");

  @BeforeEach
  void writeCa() throws IOException {
    caFile = folder.resolve("ca.json");
    Files.writeString(caFile, authority.publicJwk());
  }

  private DeviceIds at(Instant now) throws IOException {
    return new DeviceIds(
        TrustedAuthorities.of(DeviceCa.read(caFile)), RevokedDevices.none(), () -> now);
  }

  private void assertRefused(String reason, String token) throws IOException {
    assertRefused(reason, token, NOW);
  }

  private void assertRefused(String reason, String token, Instant now) throws IOException {
    var ids = at(now);
    var refusal = assertThrows(AppsException.class, () -> ids.userOf(token));
    assertEquals(ErrorCode.BAD_TOKEN, refusal.code());
    assertTrue(refusal.text().contains(reason), refusal.text());
    for (var part : token.split("\\.", -1)) {
      assertFalse(part.length() > 3 && refusal.text().contains(part), "quotes the token");
    }
  }

  private ECKey authorityKey() throws ParseException {
    return ECKey.parse(authority.privateJwk());
  }

  private static ECKey newKey() throws JOSEException {
    return new ECKeyGenerator(Curve.P_256).generate();
  }

  /**
   * A token of a device with this text replaced in its certificate and is signed by the authority.
   */
  private String tokenWith(String old, String replacement) throws ParseException {
    assertTrue(device.certificate.contains(old), device.certificate);
    return device
        .with(authorityKey(), "CERT+JWT", device.certificate.replace(old, replacement))
        .token(NOW);
  }

  @ParameterizedTest(name = "{0}")
  @ValueSource(strings = {"jwt:user_2abc", "id_5Kd3NBUAdUnhyzenEwVLy3", "jwt:a|b@c.d:e-f"})
  @DisplayName("a device with a certificate of the authority proves the identity in it")
  void issuedCertificate(String identity) throws Exception {
    var token = TestDevice.certifiedBy(authority, identity, NOW).token(NOW);
    assertEquals(identity, at(NOW).userOf(token));
  }

  @Test
  @DisplayName("a token without x5c#jwt is refused, although x5c names a user")
  void withoutCaSignature() throws Exception {
    var token = device.token(device.key, Optional.empty(), NOW, NOW.plusSeconds(60));
    assertRefused("x5c#jwt", token);
  }

  @Test
  @DisplayName("a certificate of another authority is refused")
  void otherAuthority() throws Exception {
    var other = TestDevice.certifiedBy(DeviceAuthority.create(random), USER, NOW);
    assertRefused("not signed by this server's device CA", other.token(NOW));
  }

  @Test
  @DisplayName("a signed JWT of the authority that is no CERT+JWT is refused as a certificate")
  void otherType() throws Exception {
    var token = device.with(authorityKey(), "JWT", device.certificate).token(NOW);
    assertRefused("not signed by this server's device CA", token);
  }

  @Test
  @DisplayName("a token that names another user in x5c than the signed certificate is refused")
  void forgedEmbeddedCertificate() throws Exception {
    var forged = device.certificate.replace("user_2abc", "user_evil");
    assertRefused("differs from the signed", device.withCertificate(forged).token(NOW));
  }

  @Test
  @DisplayName("a token of another key with a stolen certificate is refused")
  void stolenCertificate() throws Exception {
    var token =
        device.token(newKey(), Optional.of(device.certificateJwt), NOW, NOW.plusSeconds(60));
    assertRefused("does not match the key of its certificate", token);
  }

  @Test
  @DisplayName("x5c may have its members in another order, but not twice")
  void orderOfMembers() throws Exception {
    var reordered = "{\"jti\":null," + device.certificate.substring(1);
    assertRefused("differs", device.withCertificate(reordered).token(NOW));
    var mapper = new com.fasterxml.jackson.databind.ObjectMapper();
    var sorted =
        mapper.writeValueAsString(mapper.readValue(device.certificate, java.util.TreeMap.class));
    assertFalse(sorted.equals(device.certificate), "the order differs");
    assertEquals(USER, at(NOW).userOf(device.withCertificate(sorted).token(NOW)));
  }

  @ParameterizedTest(name = "{0}")
  @CsvSource({
    "an expired certificate, 31536061, the certificate has expired",
    "a certificate of the future, -61, the certificate is not valid yet",
  })
  @DisplayName("a certificate is refused outside its dates, beyond 60 s of clock difference")
  void certificateDates(String name, long seconds, String reason) throws Exception {
    var now = NOW.plusSeconds(seconds);
    assertRefused(reason, device.token(now), now);
    var within = seconds > 0 ? now.minusSeconds(2) : now.plusSeconds(1);
    assertEquals(USER, at(within).userOf(device.token(within)));
  }

  @Test
  @DisplayName("a token is accepted until 60 s after its expiry and refused later")
  void expiry() throws Exception {
    assertEquals(USER, at(NOW.plusSeconds(179)).userOf(device.token(NOW)));
    assertRefused("the token has expired", device.token(NOW), NOW.plusSeconds(180));
  }

  @Test
  @DisplayName("a token older than an hour is refused, although it has not expired")
  void age() throws Exception {
    var token =
        device.token(
            device.key, Optional.of(device.certificateJwt), NOW, NOW.plus(Duration.ofDays(9)));
    assertEquals(USER, at(NOW.plusSeconds(3_660)).userOf(token));
    assertRefused("older than 3600 s", token, NOW.plusSeconds(3_661));
  }

  @Test
  @DisplayName("a token that was issued in the future is refused")
  void future() throws Exception {
    assertRefused("in the future", device.token(NOW.plusSeconds(61)));
  }

  @ParameterizedTest(name = "user id \"{0}\"")
  @ValueSource(strings = {"a/b", "", "a b", "a\\u0000", "über"})
  @DisplayName("a user id with a slash, a control character or no text is refused")
  void userIds(String userId) throws Exception {
    var token = tokenWith("\"userId\":\"user_2abc\"", "\"userId\":\"" + userId + "\"");
    assertRefused("user id of the certificate must have", token);
  }

  @Test
  @DisplayName("a certificate without a user is refused, for example the authority's own")
  void withoutUser() throws Exception {
    assertRefused("names no user", tokenWith("\"userId\":", "\"other\":"));
  }

  @Test
  @DisplayName("a certificate with a key of another curve is refused")
  void otherCurve() throws Exception {
    assertRefused("no public key on the curve P-256", tokenWith("\"P-256\"", "\"P-384\""));
  }

  @ParameterizedTest(name = "token \"{0}\"")
  @ValueSource(strings = {"", "x", "a.b.c", "eyJhbGciOiJub25lIn0.e30.", "...."})
  @DisplayName("a text that is no signed JSON Web Token is refused")
  void noToken(String token) throws Exception {
    assertRefused("the token is not", token);
  }

  @Test
  @DisplayName("a token signed with HS256 and the certificate's public key is refused")
  void hmac() throws Exception {
    var jwt =
        new com.nimbusds.jwt.SignedJWT(
            new com.nimbusds.jose.JWSHeader(com.nimbusds.jose.JWSAlgorithm.HS256),
            new com.nimbusds.jwt.JWTClaimsSet.Builder().subject("x").build());
    jwt.sign(new com.nimbusds.jose.crypto.MACSigner(device.key.toECPublicKey().getEncoded()));
    assertRefused("not signed with ES256", jwt.serialize());
  }

  @Test
  @DisplayName("no certificate is issued for a text that is no identity, or for zero days")
  void issuing() {
    for (var identity :
        new String[] {"", "user_2abc", "jwt:", "jwt:a/b", "jwt:id_5Kd3", "jwt:a b"}) {
      var error =
          assertThrows(
              IllegalArgumentException.class,
              () -> authority.certify(identity, "laptop", Duration.ofDays(1), NOW));
      assertTrue(String.valueOf(error.getMessage()).contains("an identity is"), identity);
    }
    for (var days : new int[] {0, -1, 3_651}) {
      assertThrows(
          IllegalArgumentException.class,
          () -> authority.certify(USER, "laptop", Duration.ofDays(days), NOW));
    }
  }

  @Test
  @DisplayName(
      "while the CA is replaced, certificates of the old CA count until its end time, and those of the new CA always")
  void replacedAuthority() throws Exception {
    var next = DeviceAuthority.create(random);
    var nextFile = Files.writeString(folder.resolve("next.json"), next.publicJwk());
    var until = NOW.plus(Duration.ofDays(30));
    var authorities =
        TrustedAuthorities.of(DeviceCa.read(nextFile)).withOld(DeviceCa.read(caFile), until);
    for (var now : List.of(NOW, until.minusMillis(1), until)) {
      var ids = new DeviceIds(authorities, RevokedDevices.none(), () -> now);
      assertEquals(USER, ids.userOf(TestDevice.certifiedBy(next, USER, NOW).token(now)));
      var old = device.token(now);
      if (now.isBefore(until)) {
        assertEquals(USER, ids.userOf(old));
      } else {
        var refusal = assertThrows(AppsException.class, () -> ids.userOf(old));
        assertTrue(refusal.text().contains("not signed by this server's device CA"));
      }
    }
  }

  @Test
  @DisplayName(
      "a device is refused from the next request after its serial number or key thumbprint is in the list, and accepted after its removal")
  void revokedDevice() throws Exception {
    var list = Files.writeString(folder.resolve("revoked.txt"), "# nobody yet\n\n");
    var ids =
        new DeviceIds(
            TrustedAuthorities.of(DeviceCa.read(caFile)), RevokedDevices.of(list), () -> NOW);
    var token = device.token(NOW);
    var serial = String.valueOf(JSONObjectUtils.parse(device.certificate).get("jti"));
    var other = TestDevice.certifiedBy(authority, "jwt:user_3", NOW);
    for (var mark : List.of(serial, device.key.computeThumbprint().toString())) {
      assertEquals(USER, ids.userOf(token));
      Files.writeString(list, "00112233445566\n  " + mark + "  # lost on 2026-11-28\n");
      var refusal = assertThrows(AppsException.class, () -> ids.userOf(token));
      assertEquals(ErrorCode.BAD_TOKEN, refusal.code());
      assertEquals("the certificate of this device was revoked", refusal.text());
      assertEquals("jwt:user_3", ids.userOf(other.token(NOW)));
      Files.writeString(list, "00112233445566\n");
    }
  }

  @Test
  @DisplayName(
      "no device is accepted while the list of revoked devices is missing or has a bad line, and a bad list prevents the start")
  void badList() throws Exception {
    var list = Files.writeString(folder.resolve("revoked.txt"), "");
    var ids =
        new DeviceIds(
            TrustedAuthorities.of(DeviceCa.read(caFile)), RevokedDevices.of(list), () -> NOW);
    var token = device.token(NOW);
    assertEquals(USER, ids.userOf(token));
    Files.writeString(list, "00112233445566\nall of them\n");
    assertEquals(
        ErrorCode.UNAVAILABLE, assertThrows(AppsException.class, () -> ids.userOf(token)).code());
    var bad = assertThrows(IOException.class, () -> RevokedDevices.of(list));
    assertTrue(String.valueOf(bad.getMessage()).contains("line 2 is neither"), bad.getMessage());
    Files.delete(list);
    assertEquals(
        ErrorCode.UNAVAILABLE, assertThrows(AppsException.class, () -> ids.userOf(token)).code());
    assertThrows(IOException.class, () -> RevokedDevices.of(list));
    Files.writeString(list, "00112233445566\n");
    assertEquals(USER, ids.userOf(token));
  }
}
