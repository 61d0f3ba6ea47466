package dev.parlor.room.access;

import dev.parlor.crdt.identity.Bytes;
import dev.parlor.crdt.identity.Decoding;
import dev.parlor.room.limits.FixedServiceLimits;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.util.Base64;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/**
 * The secret that people must know in addition to a link. The server never receives the secret. It
 * keeps the stored key of SCRAM (RFC 5802), which verifies a proof but cannot produce one.
 *
 * <pre>
 * salted    = PBKDF2-HMAC-SHA256(secret, salt, iterations), 32 bytes
 * clientKey = HMAC-SHA256(salted, "Client Key")
 * storedKey = SHA-256(clientKey)
 * proof     = clientKey XOR HMAC-SHA256(storedKey, text)
 * </pre>
 *
 * @param salt 16 to 64 random bytes
 * @param iterations PBKDF2 iterations, which make guessing with a stolen store slow
 * @param storedKey 32 bytes
 */
public record RoomSecret(Bytes salt, int iterations, Bytes storedKey) {
  static final String RULE = "AC12";
  private static final int HASH_BYTES = 32;

  /** Reads the values that a browser derived from the secret; salt and stored key in base64url. */
  public static Decoding<RoomSecret> of(String salt, long iterations, String storedKey) {
    var saltBytes = decoded(salt);
    var key = decoded(storedKey);
    if (saltBytes.length() < FixedServiceLimits.SECRET_SALT_BYTES_MIN
        || saltBytes.length() > FixedServiceLimits.SECRET_SALT_BYTES_MAX) {
      return Decoding.malformed(RULE, "salt is not 16 to 64 bytes in base64url");
    }
    if (key.length() != HASH_BYTES) {
      return Decoding.malformed(RULE, "storedKey is not 32 bytes in base64url");
    }
    if (iterations < FixedServiceLimits.SECRET_ITERATIONS_MIN
        || iterations > FixedServiceLimits.SECRET_ITERATIONS_MAX) {
      return Decoding.malformed(
          RULE,
          "iterations must be from "
              + FixedServiceLimits.SECRET_ITERATIONS_MIN
              + " to "
              + FixedServiceLimits.SECRET_ITERATIONS_MAX);
    }
    return Decoding.of(new RoomSecret(saltBytes, (int) iterations, key));
  }

  private static Bytes decoded(String text) {
    try {
      return Bytes.wrap(Base64.getUrlDecoder().decode(text));
    } catch (IllegalArgumentException e) {
      return Bytes.EMPTY;
    }
  }

  /** The text that a proof is computed over. */
  public static String textToProve(String slug, String identity, String nonce) {
    return "parlor room secret 1\nroom: "
        + slug
        + "\nidentity: "
        + identity
        + "\nnonce: "
        + nonce
        + "\n";
  }

  /** Whether the proof shows knowledge of the secret. The comparison takes constant time. */
  boolean proves(String text, Bytes proof) {
    if (proof.length() != HASH_BYTES) {
      return false;
    }
    try {
      var mac = Mac.getInstance("HmacSHA256");
      mac.init(new SecretKeySpec(storedKey.toArray(), "HmacSHA256"));
      var clientKey = mac.doFinal(text.getBytes(StandardCharsets.UTF_8));
      var shown = proof.toArray();
      for (var i = 0; i < clientKey.length; i++) {
        clientKey[i] ^= shown[i];
      }
      var hash = MessageDigest.getInstance("SHA-256").digest(clientKey);
      return MessageDigest.isEqual(hash, storedKey.toArray());
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("every Java platform has HmacSHA256", e);
    }
  }

  /** Omits the stored key. */
  @Override
  public String toString() {
    return "RoomSecret[" + iterations + " iterations]";
  }
}
