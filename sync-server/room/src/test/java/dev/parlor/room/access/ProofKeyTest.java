package dev.parlor.room.access;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.parlor.crdt.identity.Bytes;
import dev.parlor.crdt.identity.Decoding;
import java.util.HashMap;
import java.util.Map;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

class ProofKeyTest {

  private static void assertRefused(Map<String, String> jwk) {
    var malformed = assertInstanceOf(Decoding.Malformed.class, ProofKey.ofJwk(jwk), jwk.toString());
    assertEquals("AC4", malformed.rule());
  }

  private static Map<String, String> with(Map<String, String> jwk, String name, String value) {
    var changed = new HashMap<>(jwk);
    changed.put(name, value);
    return changed;
  }

  @Test
  void bothAlgorithmsVerifyOnlyTheirOwnSignatures() {
    for (var pair : new BrowserKey[] {BrowserKey.p256(), BrowserKey.ed25519()}) {
      var key = pair.key();
      var signature = pair.sign("hello");
      assertTrue(key.verifies(Bytes.utf8("hello"), signature));
      assertFalse(key.verifies(Bytes.utf8("hallo"), signature));
      assertFalse(BrowserKey.p256().key().verifies(Bytes.utf8("hello"), signature));
      assertFalse(BrowserKey.ed25519().key().verifies(Bytes.utf8("hello"), signature));
      var restored = ProofKey.ofStored(key.stored());
      assertEquals(key, restored);
      assertTrue(restored.verifies(Bytes.utf8("hello"), signature));
    }
  }

  @Test
  void malformedSignaturesAreRefused() {
    for (var pair : new BrowserKey[] {BrowserKey.p256(), BrowserKey.ed25519()}) {
      var text = Bytes.utf8("hello");
      assertFalse(pair.key().verifies(text, Bytes.EMPTY));
      assertFalse(pair.key().verifies(text, Bytes.wrap(new byte[63])));
      assertFalse(pair.key().verifies(text, Bytes.wrap(new byte[64])), "all zero");
      assertFalse(pair.key().verifies(text, Bytes.wrap(new byte[10_000])));
    }
  }

  @Test
  @DisplayName("[AC4] a private key, a key of another type or a point off its curve is refused")
  void invalidKeysAreRefused() {
    var p256 = BrowserKey.p256().jwk();
    assertRefused(with(p256, "d", "AAAA"));
    assertRefused(with(p256, "crv", "P-384"));
    assertRefused(with(p256, "kty", "RSA"));
    assertRefused(with(p256, "x", "AAAA"));
    assertRefused(with(p256, "x", "not base64!"));
    assertRefused(with(p256, "y", p256.getOrDefault("x", "")));
    assertRefused(with(p256, "y", BrowserKey.p256().jwk().getOrDefault("y", "")));
    assertRefused(Map.of());
    assertRefused(Map.of("kty", "oct", "k", "AAAA"));
    assertRefused(with(BrowserKey.ed25519().jwk(), "x", "AAAA"));
  }
}
