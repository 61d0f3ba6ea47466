package dev.parlor.room.access;

import dev.parlor.crdt.identity.Bytes;
import java.math.BigInteger;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.Signature;
import java.security.interfaces.ECPublicKey;
import java.security.spec.ECGenParameterSpec;
import java.util.Arrays;
import java.util.Base64;
import java.util.Map;

/** A key pair like that of a browser: exports its public half as a JWK and signs texts. */
public final class BrowserKey {
  private final KeyPair pair;
  private final boolean p256;

  private BrowserKey(KeyPair pair, boolean p256) {
    this.pair = pair;
    this.p256 = p256;
  }

  public static BrowserKey p256() {
    try {
      var generator = KeyPairGenerator.getInstance("EC");
      generator.initialize(new ECGenParameterSpec("secp256r1"));
      return new BrowserKey(generator.generateKeyPair(), true);
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException(e);
    }
  }

  public static BrowserKey ed25519() {
    try {
      return new BrowserKey(KeyPairGenerator.getInstance("Ed25519").generateKeyPair(), false);
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException(e);
    }
  }

  public Map<String, String> jwk() {
    if (p256) {
      var point = ((ECPublicKey) pair.getPublic()).getW();
      return Map.of(
          "kty",
          "EC",
          "crv",
          "P-256",
          "x",
          base64(to32Bytes(point.getAffineX())),
          "y",
          base64(to32Bytes(point.getAffineY())));
    }
    var encoded = pair.getPublic().getEncoded();
    var raw = Arrays.copyOfRange(encoded, encoded.length - 32, encoded.length);
    return Map.of("kty", "OKP", "crv", "Ed25519", "x", base64(raw));
  }

  public ProofKey key() {
    return ProofKey.ofJwk(jwk()).orElseThrow();
  }

  public Bytes sign(String text) {
    try {
      var signature = Signature.getInstance(p256 ? "SHA256withECDSAinP1363Format" : "Ed25519");
      signature.initSign(pair.getPrivate());
      signature.update(Bytes.utf8(text).toArray());
      return Bytes.wrap(signature.sign());
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException(e);
    }
  }

  /** As {@link #sign}, in base64url for a request. */
  public String signed(String text) {
    return base64(sign(text).toArray());
  }

  private static byte[] to32Bytes(BigInteger number) {
    var bytes = number.toByteArray();
    var out = new byte[32];
    var length = Math.min(32, bytes.length);
    System.arraycopy(bytes, bytes.length - length, out, 32 - length, length);
    return out;
  }

  private static String base64(byte[] bytes) {
    return Base64.getUrlEncoder().withoutPadding().encodeToString(bytes);
  }
}
