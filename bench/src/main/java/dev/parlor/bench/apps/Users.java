package dev.parlor.bench.apps;

import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.Signature;
import java.time.Instant;
import java.util.Base64;

/**
 * An issuer of JSON Web Tokens with RS256, as the issuer of most clients of this API signs. The
 * server gets its public key as a setting.
 */
final class Users {

  private static final int KEY_BITS = 2048;
  private static final int VALID_SECONDS = 3_600;

  private final KeyPair keys;
  private final Instant now;

  /**
   * @param now the time of issue of all tokens, which are valid for an hour
   */
  Users(Instant now) {
    this.now = now;
    try {
      var generator = KeyPairGenerator.getInstance("RSA");
      generator.initialize(KEY_BITS);
      keys = generator.generateKeyPair();
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException(e);
    }
  }

  /** The public key in PEM. */
  String publicKey() {
    var lines =
        Base64.getMimeEncoder(64, new byte[] {'\n'}).encodeToString(keys.getPublic().getEncoded());
    return "-----BEGIN PUBLIC KEY-----\n" + lines + "\n-----END PUBLIC KEY-----\n";
  }

  /** A token of a user. */
  String token(String name) {
    var header = encoded("{\"alg\":\"RS256\",\"typ\":\"JWT\"}");
    var claims =
        encoded(
            "{\"sub\":\""
                + name
                + "\",\"iat\":"
                + now.getEpochSecond()
                + ",\"exp\":"
                + now.plusSeconds(VALID_SECONDS).getEpochSecond()
                + "}");
    var signed = header + "." + claims;
    try {
      var signature = Signature.getInstance("SHA256withRSA");
      signature.initSign(keys.getPrivate());
      signature.update(signed.getBytes(StandardCharsets.US_ASCII));
      return signed
          + "."
          + Base64.getUrlEncoder().withoutPadding().encodeToString(signature.sign());
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException(e);
    }
  }

  private static String encoded(String json) {
    return Base64.getUrlEncoder()
        .withoutPadding()
        .encodeToString(json.getBytes(StandardCharsets.UTF_8));
  }
}
