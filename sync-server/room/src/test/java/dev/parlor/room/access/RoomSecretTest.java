package dev.parlor.room.access;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.parlor.crdt.identity.Bytes;
import dev.parlor.crdt.identity.Decoding;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

class RoomSecretTest {
  private static final byte[] SALT = "0123456789abcdef".getBytes(StandardCharsets.UTF_8);
  private static final ScramClient CLIENT = new ScramClient("correct horse", SALT, 100_000);
  private static final String SALT_TEXT =
      Base64.getUrlEncoder().withoutPadding().encodeToString(SALT);

  private final RoomSecret secret =
      RoomSecret.of(SALT_TEXT, 100_000, CLIENT.storedKey()).orElseThrow();

  private static Bytes bytes(String base64) {
    return Bytes.wrap(Base64.getUrlDecoder().decode(base64));
  }

  @Test
  @DisplayName(
      "[AC12] a proof computed with the secret is correct; the stored key does not suffice")
  void onlyAProofWithTheSecretIsCorrect() {
    var text = RoomSecret.textToProve("slug", "id_ada", "nonce");
    assertTrue(secret.proves(text, bytes(CLIENT.proof(text))));
    assertFalse(secret.proves(text + "x", bytes(CLIENT.proof(text))));
    var wrong = new ScramClient("correct horsf", SALT, 100_000);
    assertFalse(secret.proves(text, bytes(wrong.proof(text))));
    for (var proof : new Bytes[] {Bytes.EMPTY, Bytes.wrap(new byte[32]), secret.storedKey()}) {
      assertFalse(secret.proves(text, proof));
    }
    assertFalse(secret.toString().contains(CLIENT.storedKey()));
  }

  /** The test secret.test.ts has the same values. */
  @Test
  void valuesEqualThoseOfTheBrowser() {
    assertEquals("0_z4xkmKXu5V_lMeaFa9NmheHK6S9tw_XLSgZzof8pw", CLIENT.storedKey());
    assertEquals(
        "u1x2nXS75EJQta2BbwPXN4TWzD_QagswJ_krVuC2GBY",
        CLIENT.proof(RoomSecret.textToProve("slug", "id_ada", "nonce")));
  }

  @Test
  void weakOrMalformedSecretIsRefused() {
    for (var refused :
        java.util.List.of(
            RoomSecret.of(SALT_TEXT, 99_999, CLIENT.storedKey()),
            RoomSecret.of("AAAA", 100_000, CLIENT.storedKey()),
            RoomSecret.of(SALT_TEXT, 100_000, "AAAA"),
            RoomSecret.of("not base64!", 100_000, CLIENT.storedKey()))) {
      assertInstanceOf(Decoding.Malformed.class, refused);
    }
  }
}
