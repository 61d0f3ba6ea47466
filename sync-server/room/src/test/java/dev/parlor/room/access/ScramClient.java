package dev.parlor.room.access;

import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.util.Base64;
import javax.crypto.Mac;
import javax.crypto.SecretKeyFactory;
import javax.crypto.spec.PBEKeySpec;
import javax.crypto.spec.SecretKeySpec;

/**
 * Does what a browser does with a room's secret: derives the stored key for a new room, and proves
 * that it knows the secret.
 */
public final class ScramClient {
  private final byte[] clientKey;
  private final byte[] storedKey;
  private final byte[] salt;
  private final int iterations;

  public ScramClient(String secret, byte[] salt, int iterations) {
    this.salt = salt.clone();
    this.iterations = iterations;
    try {
      var spec = new PBEKeySpec(secret.toCharArray(), salt, iterations, 256);
      var salted =
          SecretKeyFactory.getInstance("PBKDF2WithHmacSHA256").generateSecret(spec).getEncoded();
      this.clientKey = hmac(salted, "Client Key");
      this.storedKey = MessageDigest.getInstance("SHA-256").digest(clientKey);
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException(e);
    }
  }

  /** The field {@code secret} of a new room. */
  public String json() {
    return "{\"salt\":\""
        + base64(salt)
        + "\",\"iterations\":"
        + iterations
        + ",\"storedKey\":\""
        + storedKey()
        + "\"}";
  }

  public String storedKey() {
    return base64(storedKey);
  }

  public String proof(String text) {
    try {
      var proof = hmac(storedKey, text);
      for (var i = 0; i < proof.length; i++) {
        proof[i] ^= clientKey[i];
      }
      return base64(proof);
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException(e);
    }
  }

  private static byte[] hmac(byte[] key, String text) throws GeneralSecurityException {
    var mac = Mac.getInstance("HmacSHA256");
    mac.init(new SecretKeySpec(key, "HmacSHA256"));
    return mac.doFinal(text.getBytes(StandardCharsets.UTF_8));
  }

  private static String base64(byte[] bytes) {
    return Base64.getUrlEncoder().withoutPadding().encodeToString(bytes);
  }
}
