package dev.parlor.room.access;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.parlor.room.access.Issuer.Kind;
import dev.parlor.room.access.TokenVerifier.Verification;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Base64;
import java.util.Optional;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class JwtsTest {
  private static final Issuer.Key RSA = Issuer.Key.make(Kind.RS256, "rsa");
  private static final Issuer.Key EC = Issuer.Key.make(Kind.ES256, "ec");
  private static final Issuer.Key ED = Issuer.Key.make(Kind.EdDSA, "ed");

  @TempDir private Path folder = Path.of("replaced by JUnit");
  private final Instant now = Instant.ofEpochSecond(1_000_000);

  private Jwts jwts(JwtKeys keys) {
    return new Jwts(keys, Optional.of("https://issuer.example"), Optional.of("parlor"), () -> now);
  }

  private Jwts pem(Issuer.Key key) throws IOException {
    return jwts(JwtKeys.ofPem(key.pem(folder)));
  }

  private static String claims(String more) {
    return "{\"iss\":\"https://issuer.example\",\"aud\":\"parlor\",\"sub\":\"u1\"," + more + "}";
  }

  private static final String GOOD = claims("\"exp\":1000100,\"name\":\"Ada L.\"");

  private static void proved(Proof proof) {
    assertEquals(new Verification.Proved("jwt:u1", Optional.of("Ada L.")), proof);
  }

  private static void refused(String why, Proof proof) {
    var refusal = assertInstanceOf(Verification.Refused.class, proof, why).refusal();
    assertEquals("AC11", refusal.rule());
    assertEquals(401, refusal.status());
    assertTrue(refusal.reason().contains(why), refusal.reason());
  }

  @Test
  void aKeyInAFileProvesItsTokens() throws Exception {
    for (var key : new Issuer.Key[] {RSA, EC, ED}) {
      proved(pem(key).verify(key.token(GOOD)));
      refused("no key", pem(key).verify(Issuer.Key.make(key.kind(), "another").token(GOOD)));
    }
    refused("no key", pem(EC).verify(RSA.token(GOOD)));
    refused("no key", pem(RSA).verify(ED.token(GOOD)));
  }

  @Test
  @DisplayName(
      "[AC11] keys are fetched from a URL, cached, and fetched again for an unknown key id")
  void keysFromAUrl() throws Exception {
    try (var issuer = new Issuer()) {
      issuer.serve(RSA, EC, ED);
      var jwts = jwts(JwtKeys.ofUrl(issuer.url()));
      for (var key : new Issuer.Key[] {RSA, EC, ED}) {
        proved(jwts.verify(key.token(GOOD)));
      }
      assertEquals(1, issuer.fetches());
      var next = Issuer.Key.make(Kind.ES256, "next");
      issuer.serve(RSA, next);
      proved(jwts.verify(next.token(GOOD)));
      assertEquals(2, issuer.fetches());
      issuer.fail(true);
      proved(jwts.verify(next.token(GOOD)));
      for (var i = 0; i < 50; i++) {
        var unknown = Issuer.Key.make(Kind.EdDSA, "unknown" + i);
        assertInstanceOf(Verification.Refused.class, jwts.verify(unknown.token(GOOD)));
      }
      assertTrue(issuer.fetches() < 10, issuer.fetches() + " fetches");
    }
  }

  @Test
  @DisplayName("[AC11] if the keys cannot be fetched, no token is accepted and the answer is a 503")
  void keysThatCannotBeFetched() throws Exception {
    try (var issuer = new Issuer()) {
      issuer.fail(true);
      var refused =
          assertInstanceOf(
              Verification.Refused.class, jwts(JwtKeys.ofUrl(issuer.url())).verify(RSA.token(GOOD)));
      assertEquals(503, refused.refusal().status());
    }
  }

  @Test
  @DisplayName(
      "[AC11] tokens with \"none\", HS256 over the public key or other algorithms are refused")
  void otherAlgorithms() throws Exception {
    var jwts = pem(RSA);
    var none = Issuer.base64("{\"alg\":\"none\"}") + "." + Issuer.base64(GOOD) + ".";
    refused("not a signed", jwts.verify(none));
    var text = Issuer.base64("{\"alg\":\"HS256\"}") + "." + Issuer.base64(GOOD);
    var publicPem = Files.readAllBytes(RSA.pem(folder));
    for (var secret : new byte[][] {publicPem, RSA.pair().getPublic().getEncoded()}) {
      var mac = Mac.getInstance("HmacSHA256");
      mac.init(new SecretKeySpec(secret, "HmacSHA256"));
      var signature = mac.doFinal(text.getBytes(StandardCharsets.US_ASCII));
      var token = text + "." + Base64.getUrlEncoder().withoutPadding().encodeToString(signature);
      refused("not signed with", jwts.verify(token));
    }
    for (var alg : new String[] {"RS512", "PS256", "ES384", "HS512", "ES256K"}) {
      refused("not signed with", jwts.verify(RSA.token("{\"alg\":\"" + alg + "\"}", GOOD)));
    }
    refused("no key", jwts.verify(RSA.token("{\"alg\":\"ES256\"}", GOOD)));
    refused("no key", pem(Issuer.Key.make(Kind.RS256, "short", 1024)).verify(RSA.token(GOOD)));
  }

  @Test
  @DisplayName("[AC11] a key inside the token is ignored; a critical header refuses the token")
  void headersThatLure() throws Exception {
    var mallory = Issuer.Key.make(Kind.ES256, "mallory");
    var header = "{\"alg\":\"ES256\",\"jwk\":" + mallory.jwk() + "}";
    refused("no key", pem(EC).verify(mallory.token(header, GOOD)));
    try (var issuer = new Issuer()) {
      issuer.serve(mallory);
      var lure = "{\"alg\":\"ES256\",\"jku\":\"" + issuer.url() + "\"}";
      refused("no key", pem(EC).verify(mallory.token(lure, GOOD)));
      assertEquals(0, issuer.fetches());
    }
    refused(
        "critical headers",
        pem(EC).verify(EC.token("{\"alg\":\"ES256\",\"crit\":[\"x\"],\"x\":1}", GOOD)));
  }

  @Test
  @DisplayName("[AC11] expiry and start of a token are checked with 60 s of tolerance")
  void times() throws Exception {
    var jwts = pem(EC);
    proved(jwts.verify(EC.token(claims("\"name\":\"Ada L.\",\"exp\":999941"))));
    refused("has expired", jwts.verify(EC.token(claims("\"exp\":999940"))));
    refused("no expiry time", jwts.verify(EC.token(claims("\"iat\":999940"))));
    proved(jwts.verify(EC.token(claims("\"name\":\"Ada L.\",\"exp\":1000100,\"nbf\":1000060"))));
    refused("not valid yet", jwts.verify(EC.token(claims("\"exp\":1000100,\"nbf\":1000061"))));
  }

  @Test
  @DisplayName(
      "[AC11] tokens of another issuer, for another audience or without a subject are refused")
  void claimsThatDoNotFit() throws Exception {
    var jwts = pem(EC);
    refused("issuer", jwts.verify(EC.token(GOOD.replace("issuer.example", "evil.example"))));
    refused("audience", jwts.verify(EC.token(GOOD.replace("\"parlor\"", "\"other\""))));
    proved(jwts.verify(EC.token(GOOD.replace("\"parlor\"", "[\"other\",\"parlor\"]"))));
    for (var sub : new String[] {"", "a/b", "a b", "x".repeat(121), "\\u0000"}) {
      refused("sub", jwts.verify(EC.token(GOOD.replace("\"u1\"", "\"" + sub + "\""))));
    }
    var changed = EC.token(GOOD).split("\\.", -1);
    refused(
        "no key",
        jwts.verify(changed[0] + "." + Issuer.base64(GOOD.replace("u1", "u2")) + "." + changed[2]));
    for (var rubbish :
        new String[] {"eyJ", "eyJ.eyJ.eyJ", "eyJhbGciOiJFUzI1NiJ9..", "eyJ" + "a".repeat(7000)}) {
      refused("not a signed", jwts.verify(rubbish));
    }
    refused("too long", jwts.verify("eyJ" + "a".repeat(100_000)));
  }

  @Test
  void fileWithoutAKeyIsRefusedAtStartup() throws Exception {
    var empty = Files.writeString(folder.resolve("empty.pem"), "hello");
    assertThrows(IOException.class, () -> JwtKeys.ofPem(empty));
    var bad =
        Files.writeString(
            folder.resolve("bad.pem"),
            "-----BEGIN PUBLIC KEY-----\nAAAA\n-----END PUBLIC KEY-----\n");
    assertThrows(IOException.class, () -> JwtKeys.ofPem(bad));
  }
}
