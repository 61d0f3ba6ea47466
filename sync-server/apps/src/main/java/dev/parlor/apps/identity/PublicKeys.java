package dev.parlor.apps.identity;

import com.nimbusds.jose.jwk.Curve;
import com.nimbusds.jose.jwk.ECKey;
import java.text.ParseException;
import java.util.Map;
import java.util.Optional;

/** Public keys on the curve P-256 in their JSON form (JWK). */
final class PublicKeys {
  private PublicKeys() {}

  /** The key; empty if the object is no public key on P-256. */
  static Optional<ECKey> p256(Map<String, Object> jwk) {
    try {
      var key = ECKey.parse(jwk);
      return Curve.P_256.equals(key.getCurve()) && !key.isPrivate()
          ? Optional.of(key)
          : Optional.empty();
    } catch (ParseException | IllegalArgumentException _) {
      return Optional.empty();
    }
  }
}
