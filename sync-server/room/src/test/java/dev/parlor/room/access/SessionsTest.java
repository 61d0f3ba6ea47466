package dev.parlor.room.access;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;

import dev.parlor.room.access.Sessions.Outcome;
import dev.parlor.room.limits.ServiceLimits;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

class SessionsTest {
  private static final String ORIGIN = "http://127.0.0.1:8787";
  private static final String ADA = "id_ada";

  private final RandomIds ids = new RandomIds(new SecureRandom());
  private final BrowserKey browser = BrowserKey.p256();
  private Instant now = Instant.EPOCH;
  private Nonces nonces = new Nonces(new ServiceLimits.Proofs(60, 100, 900), ids, () -> now);
  private Sessions sessions = sessions(100);

  private Sessions sessions(int noncesUsedMax) {
    var limits = new ServiceLimits.Proofs(60, noncesUsedMax, 900);
    nonces = new Nonces(limits, ids, () -> now);
    return new Sessions(limits, nonces, ids, () -> now);
  }

  private Outcome openSigned(String identity, String origin, String nonce) {
    var signature = browser.sign(Sessions.textToSign(origin, identity, nonce));
    return sessions.open(identity, browser.key(), ORIGIN, nonce, signature);
  }

  private static String token(Outcome outcome) {
    return assertInstanceOf(Outcome.Opened.class, outcome).token();
  }

  private static void assertRefused(String rule, String code, Outcome outcome) {
    var refusal = assertInstanceOf(Outcome.Refused.class, outcome).refusal();
    assertEquals(rule + " " + code, refusal.rule() + " " + refusal.code());
  }

  @Test
  void signedNonceOpensASessionForFifteenMinutes() {
    var token = token(openSigned(ADA, ORIGIN, sessions.issueNonce(ADA).value()));
    assertEquals(Optional.of(ADA), sessions.identityOf(token));
    now = now.plusSeconds(900).minusMillis(1);
    assertEquals(Optional.of(ADA), sessions.identityOf(token));
    now = now.plusMillis(1);
    assertEquals(Optional.empty(), sessions.identityOf(token));
  }

  @Test
  @DisplayName("[AC3] a used nonce is refused")
  void replayedNonceIsRefused() {
    var nonce = sessions.issueNonce(ADA).value();
    token(openSigned(ADA, ORIGIN, nonce));
    assertRefused("AC3", "nonce-used", openSigned(ADA, ORIGIN, nonce));
    token(openSigned(ADA, ORIGIN, sessions.issueNonce(ADA).value()));
  }

  @Test
  @DisplayName("[AC2] a nonce expires after a minute")
  void expiredNonceIsRefused() {
    var nonce = sessions.issueNonce(ADA).value();
    var other = sessions.issueNonce(ADA).value();
    now = now.plusSeconds(60).minusMillis(1);
    token(openSigned(ADA, ORIGIN, nonce));
    now = now.plusMillis(1);
    assertRefused("AC2", "nonce-expired", openSigned(ADA, ORIGIN, other));
    assertRefused("AC2", "nonce-expired", openSigned(ADA, ORIGIN, nonce));
  }

  @Test
  @DisplayName("[AC1] a nonce of another identity, server process or restart is refused")
  void nonceOfAnotherIdentityOrProcessIsRefused() {
    var nonce = sessions.issueNonce(ADA).value();
    assertRefused("AC1", "nonce-unknown", openSigned("id_bo", ORIGIN, nonce));
    var parts = nonce.split("\\.", -1);
    var later = Long.toString(now.plus(Duration.ofDays(9)).toEpochMilli());
    assertRefused(
        "AC1", "nonce-unknown", openSigned(ADA, ORIGIN, parts[0] + "." + later + "." + parts[2]));
    for (var malformed : new String[] {"", "..", "a.b.c", nonce + ".", nonce.replace('.', '\n')}) {
      assertRefused("AC1", "nonce-unknown", openSigned(ADA, ORIGIN, malformed));
    }
    sessions = sessions(100);
    assertRefused("AC1", "nonce-unknown", openSigned(ADA, ORIGIN, nonce));
  }

  @Test
  @DisplayName(
      "[AC4] a signature for another site, identity or nonce is refused and leaves the nonce unused")
  void signatureForAnotherSiteIdentityOrNonceIsRefused() {
    var nonce = sessions.issueNonce(ADA).value();
    assertRefused("AC4", "bad-signature", openSigned(ADA, "http://evil.example", nonce));
    var other = browser.sign(Sessions.textToSign(ORIGIN, ADA, sessions.issueNonce(ADA).value()));
    assertRefused("AC4", "bad-signature", sessions.open(ADA, browser.key(), ORIGIN, nonce, other));
    var otherKeysSignature = BrowserKey.p256().sign(Sessions.textToSign(ORIGIN, ADA, nonce));
    assertRefused(
        "AC4",
        "bad-signature",
        sessions.open(ADA, browser.key(), ORIGIN, nonce, otherKeysSignature));
    assertEquals(0, nonces.usedCount());
    token(openSigned(ADA, ORIGIN, nonce));
  }

  @Test
  @DisplayName("[AC3] a full table of used nonces refuses proofs; it never evicts a used nonce")
  void fullTableRefuses() {
    sessions = sessions(2);
    var first = sessions.issueNonce(ADA).value();
    token(openSigned(ADA, ORIGIN, first));
    token(openSigned(ADA, ORIGIN, sessions.issueNonce(ADA).value()));
    assertRefused("AC3", "busy", openSigned(ADA, ORIGIN, sessions.issueNonce(ADA).value()));
    assertRefused("AC3", "nonce-used", openSigned(ADA, ORIGIN, first));
    for (var i = 0; i < 1_000; i++) {
      sessions.issueNonce(ADA);
    }
    assertEquals(2, nonces.usedCount(), "issuing stores no nonce");
    now = now.plusSeconds(60);
    token(openSigned(ADA, ORIGIN, sessions.issueNonce(ADA).value()));
    assertEquals(1, nonces.usedCount());
  }

  @Test
  void forgedTokensProveNothing() {
    var token = token(openSigned(ADA, ORIGIN, sessions.issueNonce(ADA).value()));
    var parts = token.split("\\.", -1);
    for (var forged :
        new String[] {
          token.replace(ADA, "id_bo"),
          parts[0] + "." + parts[1] + ".99999999999999." + parts[3],
          parts[0] + "." + parts[1] + "." + parts[2] + ".",
          parts[0] + ".\n." + parts[2] + ".",
          "ps1.",
          "ps1...",
          "ps1." + "x".repeat(100_000)
        }) {
      assertEquals(Optional.empty(), sessions.identityOf(forged), forged);
    }
    assertEquals(Optional.empty(), sessions(100).identityOf(token), "another process");
  }

  /** The test credential.test.ts has the same text: browser and server must build equal bytes. */
  @Test
  void textToSignHasAFixedFormat() {
    assertEquals(
        "parlor identity proof 1\norigin: https://parlor.example\nidentity: id_ada\nnonce: r.1.m\n",
        Sessions.textToSign("https://parlor.example", ADA, "r.1.m"));
  }

  @Test
  void toStringRevealsNoSecret() {
    var nonce = sessions.issueNonce(ADA);
    var opened = openSigned(ADA, ORIGIN, nonce.value());
    assertFalse(nonce.toString().contains(nonce.value()));
    assertFalse(opened.toString().contains(token(opened)));
  }
}
