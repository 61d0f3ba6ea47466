package dev.parlor.relay.webhook;

import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.util.Base64;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/**
 * Signatures of deliveries by the specification Standard Webhooks: HMAC-SHA256 over the id, the
 * time in seconds and the body, joined by dots. Safe from any thread.
 */
final class WebhookSignature {
  private static final String ALGORITHM = "HmacSHA256";
  private static final String SECRET_PREFIX = "whsec_";
  private static final String VERSION = "v1,";

  private final SecretKeySpec key;

  /**
   * @param secret {@code whsec_} and the key in Base64, as the settings checked
   */
  WebhookSignature(String secret) {
    this.key =
        new SecretKeySpec(
            Base64.getDecoder().decode(secret.substring(SECRET_PREFIX.length())), ALGORITHM);
  }

  /** The header {@code webhook-signature} of a delivery. */
  String sign(String id, long seconds, byte[] body) {
    try {
      var mac = Mac.getInstance(ALGORITHM);
      mac.init(key);
      mac.update((id + '.' + seconds + '.').getBytes(StandardCharsets.UTF_8));
      return VERSION + Base64.getEncoder().encodeToString(mac.doFinal(body));
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("every Java has HMAC-SHA256", e);
    }
  }
}
