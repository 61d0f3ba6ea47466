package dev.parlor.room.access;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.parlor.relay.token.Issuer;
import dev.parlor.relay.token.Issuer.Kind;
import dev.parlor.relay.token.JwtKeys;
import dev.parlor.relay.token.JwtVerifier;
import dev.parlor.room.access.TokenVerifier.Verification;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Base64;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicReference;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class JwtIdentitiesTest {
  private static final Issuer.Key RSA = Issuer.Key.make(Kind.RS256, "rsa");
  private static final Issuer.Key EC = Issuer.Key.make(Kind.ES256, "ec");
  private static final Issuer.Key ED = Issuer.Key.make(Kind.EdDSA, "ed");

  @TempDir private Path folder = Path.of("replaced by JUnit");
  private final Instant now = Instant.ofEpochSecond(1_000_000);

  private JwtIdentities verifier(JwtKeys keys) {
    return verifier(keys, () -> now);
  }

  private static JwtIdentities verifier(JwtKeys keys, InstantSource clock) {
    return new JwtIdentities(
        new JwtVerifier(keys, Optional.of("https://issuer.example"), Optional.of("parlor"), clock));
  }

  private JwtIdentities pem(Issuer.Key key) throws IOException {
    return verifier(JwtKeys.ofPem(key.pem(folder)));
  }

  private static String claims(String moreClaims) {
    return "{\"iss\":\"https://issuer.example\",\"aud\":\"parlor\",\"sub\":\"u1\","
        + moreClaims
        + "}";
  }

  private static final String VALID_CLAIMS = claims("\"exp\":1000100,\"name\":\"Ada L.\"");

  private static void assertProved(Verification verification) {
    assertEquals(new Verification.Proved("jwt:u1", Optional.of("Ada L.")), verification);
  }

  private static void assertRefused(String reason, Verification verification) {
    var refusal = assertInstanceOf(Verification.Refused.class, verification, reason).refusal();
    assertEquals("AC11", refusal.rule());
    assertEquals(401, refusal.status());
    assertTrue(refusal.reason().contains(reason), refusal.reason());
  }

  @Test
  void aKeyInAFileProvesItsTokens() throws Exception {
    for (var key : new Issuer.Key[] {RSA, EC, ED}) {
      assertProved(pem(key).verify(key.token(VALID_CLAIMS)));
      assertRefused(
          "no key", pem(key).verify(Issuer.Key.make(key.kind(), "another").token(VALID_CLAIMS)));
    }
    assertRefused("no key", pem(EC).verify(RSA.token(VALID_CLAIMS)));
    assertRefused("no key", pem(RSA).verify(ED.token(VALID_CLAIMS)));
  }

  @Test
  @DisplayName("[AC11] a token that was proved is refused when it expires and before its nbf")
  void datesOfAKnownTokenAreChecked() throws Exception {
    var time = new AtomicReference<>(now);
    var verifier = verifier(JwtKeys.ofPem(RSA.pem(folder)), time::get);
    var token = RSA.token(claims("\"nbf\":1000000,\"exp\":1000100,\"name\":\"Ada L.\""));
    assertProved(verifier.verify(token));
    time.set(now.plusSeconds(30));
    assertProved(verifier.verify(token));
    time.set(now.plusSeconds(100 + 60));
    assertRefused("expired", verifier.verify(token));
    time.set(now.minusSeconds(61));
    assertRefused("not valid yet", verifier.verify(token));
    time.set(now);
    assertProved(verifier.verify(token));
    assertRefused("no key", verifier.verify(token.substring(0, token.length() - 8) + "AAAAAAAA"));
  }

  @Test
  @DisplayName("[AC11] tokens of the key before a rotation are valid until its end time")
  void keyFromBefore() throws Exception {
    var current = JwtKeys.ofPem(EC.pem(folder));
    var before = Issuer.Key.make(Kind.RS256, "before");
    for (var end : List.of(now.plusMillis(1), now)) {
      var old = JwtKeys.ofPem(before.pem(folder));
      var verifier = verifier(current.withOld(old, end, () -> now));
      assertProved(verifier.verify(EC.token(VALID_CLAIMS)));
      var verification = verifier.verify(before.token(VALID_CLAIMS));
      if (now.isBefore(end)) {
        assertProved(verification);
      } else {
        assertRefused("no key", verification);
      }
    }
    var time = new AtomicReference<>(now);
    var end = now.plusSeconds(5);
    var keys = current.withOld(JwtKeys.ofPem(before.pem(folder)), end, time::get);
    var verifier = verifier(keys, time::get);
    var token = before.token(VALID_CLAIMS);
    assertProved(verifier.verify(token));
    time.set(end);
    assertRefused("no key", verifier.verify(token));
  }

  @Test
  @DisplayName(
      "[AC11] keys from a URL are cached, fetched again for an unknown key id, and used while the URL"
          + " fails")
  void keysFromAUrl() throws Exception {
    try (var issuer = new Issuer()) {
      issuer.serve(RSA, EC, ED);
      var verifier = verifier(JwtKeys.ofUrl(issuer.url()));
      for (var key : new Issuer.Key[] {RSA, EC, ED}) {
        assertProved(verifier.verify(key.token(VALID_CLAIMS)));
      }
      assertEquals(1, issuer.fetches());
      var next = Issuer.Key.make(Kind.ES256, "next");
      issuer.serve(RSA, next);
      assertProved(verifier.verify(next.token(VALID_CLAIMS)));
      assertEquals(2, issuer.fetches());
      issuer.setFailing(true);
      assertProved(verifier.verify(next.token(VALID_CLAIMS)));
      for (var i = 0; i < 50; i++) {
        var unknown = Issuer.Key.make(Kind.EdDSA, "unknown" + i);
        assertInstanceOf(Verification.Refused.class, verifier.verify(unknown.token(VALID_CLAIMS)));
      }
      assertTrue(issuer.fetches() < 10, issuer.fetches() + " fetches");
    }
  }

  @Test
  @DisplayName("[AC11] if the keys cannot be fetched, every token is refused with 503")
  void keysThatCannotBeFetched() throws Exception {
    try (var issuer = new Issuer()) {
      issuer.setFailing(true);
      var refused =
          assertInstanceOf(
              Verification.Refused.class,
              verifier(JwtKeys.ofUrl(issuer.url())).verify(RSA.token(VALID_CLAIMS)));
      assertEquals(503, refused.refusal().status());
    }
  }

  @Test
  @DisplayName(
      "[AC11] tokens with \"none\", with HS256 over the public key, or with other algorithms are"
          + " refused")
  void otherAlgorithms() throws Exception {
    var verifier = pem(RSA);
    var none = Issuer.base64("{\"alg\":\"none\"}") + "." + Issuer.base64(VALID_CLAIMS) + ".";
    assertRefused("not a signed", verifier.verify(none));
    var text = Issuer.base64("{\"alg\":\"HS256\"}") + "." + Issuer.base64(VALID_CLAIMS);
    var publicPem = Files.readAllBytes(RSA.pem(folder));
    for (var secret : new byte[][] {publicPem, RSA.pair().getPublic().getEncoded()}) {
      var mac = Mac.getInstance("HmacSHA256");
      mac.init(new SecretKeySpec(secret, "HmacSHA256"));
      var signature = mac.doFinal(text.getBytes(StandardCharsets.US_ASCII));
      var token = text + "." + Base64.getUrlEncoder().withoutPadding().encodeToString(signature);
      assertRefused("not signed with", verifier.verify(token));
    }
    for (var alg : new String[] {"RS512", "PS256", "ES384", "HS512", "ES256K"}) {
      assertRefused(
          "not signed with", verifier.verify(RSA.token("{\"alg\":\"" + alg + "\"}", VALID_CLAIMS)));
    }
    assertRefused("no key", verifier.verify(RSA.token("{\"alg\":\"ES256\"}", VALID_CLAIMS)));
    assertRefused(
        "no key", pem(Issuer.Key.make(Kind.RS256, "short", 1024)).verify(RSA.token(VALID_CLAIMS)));
  }

  @Test
  @DisplayName("[AC11] a key inside the token is ignored; a critical header refuses the token")
  void keysAndCriticalHeadersInATokenAreNotUsed() throws Exception {
    var mallory = Issuer.Key.make(Kind.ES256, "mallory");
    var header = "{\"alg\":\"ES256\",\"jwk\":" + mallory.jwk() + "}";
    assertRefused("no key", pem(EC).verify(mallory.token(header, VALID_CLAIMS)));
    try (var issuer = new Issuer()) {
      issuer.serve(mallory);
      var keyUrlHeader = "{\"alg\":\"ES256\",\"jku\":\"" + issuer.url() + "\"}";
      assertRefused("no key", pem(EC).verify(mallory.token(keyUrlHeader, VALID_CLAIMS)));
      assertEquals(0, issuer.fetches());
    }
    assertRefused(
        "critical headers",
        pem(EC).verify(EC.token("{\"alg\":\"ES256\",\"crit\":[\"x\"],\"x\":1}", VALID_CLAIMS)));
  }

  @Test
  @DisplayName("[AC11] expiry and start of a token are checked with 60 s of tolerance")
  void times() throws Exception {
    var verifier = pem(EC);
    assertProved(verifier.verify(EC.token(claims("\"name\":\"Ada L.\",\"exp\":999941"))));
    assertRefused("has expired", verifier.verify(EC.token(claims("\"exp\":999940"))));
    assertRefused("no expiry time", verifier.verify(EC.token(claims("\"iat\":999940"))));
    assertProved(
        verifier.verify(EC.token(claims("\"name\":\"Ada L.\",\"exp\":1000100,\"nbf\":1000060"))));
    assertRefused(
        "not valid yet", verifier.verify(EC.token(claims("\"exp\":1000100,\"nbf\":1000061"))));
  }

  @Test
  @DisplayName(
      "[AC11] tokens of another issuer, for another audience, without a subject, or malformed are"
          + " refused")
  void tokensForOthersAndMalformedTokensAreRefused() throws Exception {
    var verifier = pem(EC);
    assertRefused(
        "issuer",
        verifier.verify(EC.token(VALID_CLAIMS.replace("issuer.example", "evil.example"))));
    assertRefused(
        "audience", verifier.verify(EC.token(VALID_CLAIMS.replace("\"parlor\"", "\"other\""))));
    assertProved(
        verifier.verify(EC.token(VALID_CLAIMS.replace("\"parlor\"", "[\"other\",\"parlor\"]"))));
    for (var sub : new String[] {"", "a/b", "a b", "x".repeat(121), "\\u0000"}) {
      assertRefused(
          "sub", verifier.verify(EC.token(VALID_CLAIMS.replace("\"u1\"", "\"" + sub + "\""))));
    }
    var parts = EC.token(VALID_CLAIMS).split("\\.", -1);
    assertRefused(
        "no key",
        verifier.verify(
            parts[0] + "." + Issuer.base64(VALID_CLAIMS.replace("u1", "u2")) + "." + parts[2]));
    for (var malformed :
        new String[] {"eyJ", "eyJ.eyJ.eyJ", "eyJhbGciOiJFUzI1NiJ9..", "eyJ" + "a".repeat(7000)}) {
      assertRefused("not a signed", verifier.verify(malformed));
    }
    assertRefused("too long", verifier.verify("eyJ" + "a".repeat(100_000)));
  }

  @Test
  void fileWithoutAKeyIsRefusedAtStartup() throws Exception {
    var empty = Files.writeString(folder.resolve("empty.pem"), "hello");
    assertThrows(IOException.class, () -> JwtKeys.ofPem(empty));
    var malformedKey =
        Files.writeString(
            folder.resolve("malformedKey.pem"),
            "-----BEGIN PUBLIC KEY-----\nAAAA\n-----END PUBLIC KEY-----\n");
    assertThrows(IOException.class, () -> JwtKeys.ofPem(malformedKey));
  }
}
