package dev.parlor.apps.identity;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;

import com.nimbusds.jose.jwk.ECKey;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyPairGenerator;
import java.security.SecureRandom;
import java.time.Instant;
import java.util.Base64;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Files with the public key of a device authority. */
class DeviceCaTest {
  private static final Instant NOW = Instant.parse("2026-11-29T12:00:00Z");

  private final SecureRandom random = new SecureRandom();
  private final DeviceAuthority authority = DeviceAuthority.create(random);
  @TempDir private Path folder;

  private static String pem(String label, byte[] encoded) {
    return "-----BEGIN "
        + label
        + "-----\n"
        + Base64.getMimeEncoder().encodeToString(encoded)
        + "\n-----END "
        + label
        + "-----\n";
  }

  private void assertRefused(String sentence, String content) throws IOException {
    var file = folder.resolve("ca");
    Files.writeString(file, content);
    var error = assertThrows(IOException.class, () -> DeviceCa.read(file));
    assertEquals(file + " " + sentence, error.getMessage());
  }

  @Test
  @DisplayName("a public key is read from PEM as from a JWK")
  void pemFile() throws Exception {
    var file = folder.resolve("ca.pem");
    var key = ECKey.parse(authority.publicJwk()).toECPublicKey();
    Files.writeString(file, "The CA of example.org\n" + pem("PUBLIC KEY", key.getEncoded()));
    var token = TestDevice.certifiedBy(authority, "jwt:u1", NOW).token(NOW);
    assertEquals(
        "jwt:u1",
        new DeviceIds(TrustedAuthorities.of(DeviceCa.read(file)), RevokedDevices.none(), () -> NOW)
            .userOf(token));
  }

  @Test
  @DisplayName("a file with no usable public key is refused in one sentence that names the file")
  void badFiles() throws Exception {
    assertRefused("contains neither a JWK nor a PUBLIC KEY in PEM", "hello");
    assertRefused("contains neither a JWK nor a PUBLIC KEY in PEM", "");
    assertRefused("begins like a JWK but is not JSON", "{not json");
    assertRefused("contains a JWK that is no key on the curve P-256", "{}");
    assertRefused(
        "contains a JWK that is no key on the curve P-256",
        "{\"kty\":\"EC\",\"crv\":\"P-256\",\"x\":\"AQ\",\"y\":\"AQ\"}");
    assertRefused("contains no key on the curve P-256", pem("PUBLIC KEY", new byte[] {1, 2}));
    var rsa = KeyPairGenerator.getInstance("RSA").generateKeyPair().getPublic();
    assertRefused("contains no key on the curve P-256", pem("PUBLIC KEY", rsa.getEncoded()));
    var p384 = KeyPairGenerator.getInstance("EC");
    p384.initialize(384);
    assertRefused(
        "contains no key on the curve P-256",
        pem("PUBLIC KEY", p384.generateKeyPair().getPublic().getEncoded()));
  }

  @Test
  @DisplayName("a file with a private key is refused, as JWK and as PEM")
  void privateKeys() throws Exception {
    var sentence = "contains a private key; the server needs the device CA's public key only";
    assertRefused(sentence, authority.privateJwk());
    assertRefused(sentence, pem("EC PRIVATE KEY", new byte[] {1}));
  }

  @Test
  @DisplayName("a missing file is refused with its name")
  void missing() {
    var file = folder.resolve("none.json");
    var error = assertThrows(IOException.class, () -> DeviceCa.read(file));
    assertEquals(
        "there is no file " + file + " with the device CA's public key", error.getMessage());
  }

  @Test
  @DisplayName("a private key that cannot be read is refused without its content")
  void unreadablePrivateKey() throws Exception {
    var file = folder.resolve("ca.private.json");
    Files.writeString(file, authority.privateJwk().replace("\"P-256\"", "\"P-257\""));
    var error = assertThrows(IOException.class, () -> DeviceAuthority.read(file, random));
    var secret = ECKey.parse(authority.privateJwk()).getD().toString();
    assertFalse(String.valueOf(error.getMessage()).contains(secret));
    assertEquals(file + " contains no private JWK on the curve P-256", error.getMessage());
  }
}
