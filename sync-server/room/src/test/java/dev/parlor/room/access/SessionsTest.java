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
  private static final String HERE = "http://127.0.0.1:8787";
  private static final String ADA = "id_ada";

  private final RandomIds ids = new RandomIds(new SecureRandom());
  private final BrowserKey browser = BrowserKey.p256();
  private Instant now = Instant.EPOCH;
  private Nonces nonces = new Nonces(new ServiceLimits.Proofs(60, 100, 900), ids, () -> now);
  private Sessions sessions = sessions(100);

  private Sessions sessions(int usedMax) {
    var limits = new ServiceLimits.Proofs(60, usedMax, 900);
    nonces = new Nonces(limits, ids, () -> now);
    return new Sessions(limits, nonces, ids, () -> now);
  }

  private Outcome prove(String identity, String origin, String nonce) {
    var signature = browser.sign(Sessions.textToSign(origin, identity, nonce));
    return sessions.open(identity, browser.key(), HERE, nonce, signature);
  }

  private static String token(Outcome outcome) {
    return assertInstanceOf(Outcome.Opened.class, outcome).token();
  }

  private static void refused(String rule, String code, Outcome outcome) {
    var refusal = assertInstanceOf(Outcome.Refused.class, outcome).refusal();
    assertEquals(rule + " " + code, refusal.rule() + " " + refusal.code());
  }

  @Test
  void signedNonceOpensASessionForMinutes() {
    var token = token(prove(ADA, HERE, sessions.issueNonce(ADA).value()));
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
    token(prove(ADA, HERE, nonce));
    refused("AC3", "nonce-used", prove(ADA, HERE, nonce));
    token(prove(ADA, HERE, sessions.issueNonce(ADA).value()));
  }

  @Test
  @DisplayName("[AC2] a nonce expires after a minute")
  void oldNonceIsRefused() {
    var nonce = sessions.issueNonce(ADA).value();
    var other = sessions.issueNonce(ADA).value();
    now = now.plusSeconds(60).minusMillis(1);
    token(prove(ADA, HERE, nonce));
    now = now.plusMillis(1);
    refused("AC2", "nonce-expired", prove(ADA, HERE, other));
    refused("AC2", "nonce-expired", prove(ADA, HERE, nonce));
  }

  @Test
  @DisplayName("[AC1] a nonce of another identity, server process or restart is refused")
  void foreignNonceIsRefused() {
    var nonce = sessions.issueNonce(ADA).value();
    refused("AC1", "nonce-unknown", prove("id_bo", HERE, nonce));
    var parts = nonce.split("\\.", -1);
    var later = Long.toString(now.plus(Duration.ofDays(9)).toEpochMilli());
    refused("AC1", "nonce-unknown", prove(ADA, HERE, parts[0] + "." + later + "." + parts[2]));
    for (var rubbish : new String[] {"", "..", "a.b.c", nonce + ".", nonce.replace('.', '\n')}) {
      refused("AC1", "nonce-unknown", prove(ADA, HERE, rubbish));
    }
    sessions = sessions(100);
    refused("AC1", "nonce-unknown", prove(ADA, HERE, nonce));
  }

  @Test
  @DisplayName(
      "[AC4] a signature for another site, identity or nonce is refused and leaves the nonce unused")
  void foreignSignatureIsRefused() {
    var nonce = sessions.issueNonce(ADA).value();
    refused("AC4", "bad-signature", prove(ADA, "http://evil.example", nonce));
    var other = browser.sign(Sessions.textToSign(HERE, ADA, sessions.issueNonce(ADA).value()));
    refused("AC4", "bad-signature", sessions.open(ADA, browser.key(), HERE, nonce, other));
    var stranger = BrowserKey.p256().sign(Sessions.textToSign(HERE, ADA, nonce));
    refused("AC4", "bad-signature", sessions.open(ADA, browser.key(), HERE, nonce, stranger));
    assertEquals(0, nonces.usedCount());
    token(prove(ADA, HERE, nonce));
  }

  @Test
  @DisplayName("[AC3] a full table of used nonces refuses proofs; it never evicts a used nonce")
  void fullTableRefuses() {
    sessions = sessions(2);
    var first = sessions.issueNonce(ADA).value();
    token(prove(ADA, HERE, first));
    token(prove(ADA, HERE, sessions.issueNonce(ADA).value()));
    refused("AC3", "busy", prove(ADA, HERE, sessions.issueNonce(ADA).value()));
    refused("AC3", "nonce-used", prove(ADA, HERE, first));
    for (var i = 0; i < 1_000; i++) {
      sessions.issueNonce(ADA);
    }
    assertEquals(2, nonces.usedCount(), "asking fills nothing");
    now = now.plusSeconds(60);
    token(prove(ADA, HERE, sessions.issueNonce(ADA).value()));
    assertEquals(1, nonces.usedCount());
  }

  @Test
  void forgedTokensProveNothing() {
    var token = token(prove(ADA, HERE, sessions.issueNonce(ADA).value()));
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

  /** The same text is in credential.test.ts: both sides must build it byte for byte. */
  @Test
  void textThatIsSigned() {
    assertEquals(
        "parlor identity proof 1\norigin: https://parlor.example\nidentity: id_ada\nnonce: r.1.m\n",
        Sessions.textToSign("https://parlor.example", ADA, "r.1.m"));
  }

  @Test
  void toStringRevealsNoSecret() {
    var nonce = sessions.issueNonce(ADA);
    var opened = prove(ADA, HERE, nonce.value());
    assertFalse(nonce.toString().contains(nonce.value()));
    assertFalse(opened.toString().contains(token(opened)));
  }
}
