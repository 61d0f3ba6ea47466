package dev.parlor.room.access;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.parlor.room.access.Issuer.Kind;
import dev.parlor.room.access.TokenVerifier.Proof;
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
    assertEquals(new Proof.Proved("jwt:u1", Optional.of("Ada L.")), proof);
  }

  private static void refused(String why, Proof proof) {
    var refusal = assertInstanceOf(Proof.Refused.class, proof, why).refusal();
    assertEquals("AC11", refusal.rule());
    assertEquals(401, refusal.status());
    assertTrue(refusal.reason().contains(why), refusal.reason());
  }

  @Test
  void aKeyInAFileProvesItsTokens() throws Exception {
    for (var key : new Issuer.Key[] {RSA, EC, ED}) {
      proved(pem(key).judge(key.token(GOOD)));
      refused("no key", pem(key).judge(Issuer.Key.make(key.kind(), "another").token(GOOD)));
    }
    refused("no key", pem(EC).judge(RSA.token(GOOD)));
    refused("no key", pem(RSA).judge(ED.token(GOOD)));
  }

  @Test
  @DisplayName(
      "[AC11] keys are fetched from a URL, cached, and fetched again for an unknown key id")
  void keysFromAUrl() throws Exception {
    try (var issuer = new Issuer()) {
      issuer.serve(RSA, EC, ED);
      var jwts = jwts(JwtKeys.ofUrl(issuer.url()));
      for (var key : new Issuer.Key[] {RSA, EC, ED}) {
        proved(jwts.judge(key.token(GOOD)));
      }
      assertEquals(1, issuer.fetches());
      var next = Issuer.Key.make(Kind.ES256, "next");
      issuer.serve(RSA, next);
      proved(jwts.judge(next.token(GOOD)));
      assertEquals(2, issuer.fetches());
      issuer.fail(true);
      proved(jwts.judge(next.token(GOOD)));
      for (var i = 0; i < 50; i++) {
        var unknown = Issuer.Key.make(Kind.EdDSA, "unknown" + i);
        assertInstanceOf(Proof.Refused.class, jwts.judge(unknown.token(GOOD)));
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
              Proof.Refused.class, jwts(JwtKeys.ofUrl(issuer.url())).judge(RSA.token(GOOD)));
      assertEquals(503, refused.refusal().status());
    }
  }

  @Test
  @DisplayName(
      "[AC11] tokens with \"none\", HS256 over the public key or other algorithms are refused")
  void otherAlgorithms() throws Exception {
    var jwts = pem(RSA);
    var none = Issuer.base64("{\"alg\":\"none\"}") + "." + Issuer.base64(GOOD) + ".";
    refused("not a signed", jwts.judge(none));
    var text = Issuer.base64("{\"alg\":\"HS256\"}") + "." + Issuer.base64(GOOD);
    var publicPem = Files.readAllBytes(RSA.pem(folder));
    for (var secret : new byte[][] {publicPem, RSA.pair().getPublic().getEncoded()}) {
      var mac = Mac.getInstance("HmacSHA256");
      mac.init(new SecretKeySpec(secret, "HmacSHA256"));
      var signature = mac.doFinal(text.getBytes(StandardCharsets.US_ASCII));
      var token = text + "." + Base64.getUrlEncoder().withoutPadding().encodeToString(signature);
      refused("not signed with", jwts.judge(token));
    }
    for (var alg : new String[] {"RS512", "PS256", "ES384", "HS512", "ES256K"}) {
      refused("not signed with", jwts.judge(RSA.token("{\"alg\":\"" + alg + "\"}", GOOD)));
    }
    refused("no key", jwts.judge(RSA.token("{\"alg\":\"ES256\"}", GOOD)));
    refused("no key", pem(Issuer.Key.make(Kind.RS256, "short", 1024)).judge(RSA.token(GOOD)));
  }

  @Test
  @DisplayName("[AC11] a key inside the token is ignored; a critical header refuses the token")
  void headersThatLure() throws Exception {
    var mallory = Issuer.Key.make(Kind.ES256, "mallory");
    var header = "{\"alg\":\"ES256\",\"jwk\":" + mallory.jwk() + "}";
    refused("no key", pem(EC).judge(mallory.token(header, GOOD)));
    try (var issuer = new Issuer()) {
      issuer.serve(mallory);
      var lure = "{\"alg\":\"ES256\",\"jku\":\"" + issuer.url() + "\"}";
      refused("no key", pem(EC).judge(mallory.token(lure, GOOD)));
      assertEquals(0, issuer.fetches());
    }
    refused(
        "must be understood",
        pem(EC).judge(EC.token("{\"alg\":\"ES256\",\"crit\":[\"x\"],\"x\":1}", GOOD)));
  }

  @Test
  @DisplayName("[AC11] expiry and start of a token are checked with 60 s of tolerance")
  void times() throws Exception {
    var jwts = pem(EC);
    proved(jwts.judge(EC.token(claims("\"name\":\"Ada L.\",\"exp\":999941"))));
    refused("run out", jwts.judge(EC.token(claims("\"exp\":999940"))));
    refused("no end", jwts.judge(EC.token(claims("\"iat\":999940"))));
    proved(jwts.judge(EC.token(claims("\"name\":\"Ada L.\",\"exp\":1000100,\"nbf\":1000060"))));
    refused("not good yet", jwts.judge(EC.token(claims("\"exp\":1000100,\"nbf\":1000061"))));
  }

  @Test
  @DisplayName(
      "[AC11] tokens of another issuer, for another audience or without a subject are refused")
  void claimsThatDoNotFit() throws Exception {
    var jwts = pem(EC);
    refused("issuer", jwts.judge(EC.token(GOOD.replace("issuer.example", "evil.example"))));
    refused("audience", jwts.judge(EC.token(GOOD.replace("\"parlor\"", "\"other\""))));
    proved(jwts.judge(EC.token(GOOD.replace("\"parlor\"", "[\"other\",\"parlor\"]"))));
    for (var sub : new String[] {"", "a/b", "a b", "x".repeat(121), "\\u0000"}) {
      refused("sub", jwts.judge(EC.token(GOOD.replace("\"u1\"", "\"" + sub + "\""))));
    }
    var changed = EC.token(GOOD).split("\\.", -1);
    refused(
        "no key",
        jwts.judge(changed[0] + "." + Issuer.base64(GOOD.replace("u1", "u2")) + "." + changed[2]));
    for (var rubbish :
        new String[] {"eyJ", "eyJ.eyJ.eyJ", "eyJhbGciOiJFUzI1NiJ9..", "eyJ" + "a".repeat(7000)}) {
      refused("not a signed", jwts.judge(rubbish));
    }
    refused("too long", jwts.judge("eyJ" + "a".repeat(100_000)));
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
