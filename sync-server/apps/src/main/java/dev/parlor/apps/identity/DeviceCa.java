package dev.parlor.apps.identity;

import com.nimbusds.jose.JOSEException;
import com.nimbusds.jose.JOSEObjectType;
import com.nimbusds.jose.JWSAlgorithm;
import com.nimbusds.jose.crypto.ECDSAVerifier;
import com.nimbusds.jose.jwk.Curve;
import com.nimbusds.jose.jwk.ECKey;
import com.nimbusds.jose.util.JSONObjectUtils;
import com.nimbusds.jwt.SignedJWT;
import java.io.IOException;
import java.nio.charset.CharacterCodingException;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.interfaces.ECPublicKey;
import java.security.spec.X509EncodedKeySpec;
import java.text.ParseException;
import java.util.Base64;

/**
 * The authority for certificates that bind devices to users: its public key on the curve P-256.
 * Immutable; any thread.
 */
public final class DeviceCa {
  static final JOSEObjectType CERTIFICATE_TYPE = new JOSEObjectType("CERT+JWT");

  private static final String PEM_BEGIN = "-----BEGIN PUBLIC KEY-----";
  private static final String PEM_END = "-----END PUBLIC KEY-----";

  private final ECPublicKey key;

  DeviceCa(ECPublicKey key) {
    this.key = key;
  }

  /**
   * Reads the authority's public key from a file: a JWK, or PEM with {@code BEGIN PUBLIC KEY}.
   *
   * @throws IOException with one sentence for the operator
   */
  public static DeviceCa read(Path file) throws IOException {
    var text = text(file);
    if (text.contains("PRIVATE KEY-----")) {
      throw hasPrivateKey(file);
    }
    var key = text.startsWith("{") ? ofJwk(file, text) : ofPem(file, text);
    try {
      return new DeviceCa(key.toECPublicKey());
    } catch (JOSEException e) {
      throw new IOException(file + " contains a key that this Java cannot use", e);
    }
  }

  private static String text(Path file) throws IOException {
    try {
      return Files.readString(file).strip();
    } catch (NoSuchFileException e) {
      throw new IOException("there is no file " + file + " with the device CA's public key", e);
    } catch (AccessDeniedException e) {
      throw new IOException("the file " + file + " cannot be read: access denied", e);
    } catch (CharacterCodingException e) {
      throw new IOException(file + " contains neither a JWK nor PEM", e);
    }
  }

  private static ECKey ofJwk(Path file, String text) throws IOException {
    try {
      var jwk = JSONObjectUtils.parse(text);
      if (jwk.containsKey("d")) {
        throw hasPrivateKey(file);
      }
      return PublicKeys.p256(jwk)
          .orElseThrow(
              () -> new IOException(file + " contains a JWK that is no key on the curve P-256"));
    } catch (ParseException e) {
      throw new IOException(file + " begins like a JWK but is not JSON", e);
    }
  }

  private static ECKey ofPem(Path file, String text) throws IOException {
    var begin = text.indexOf(PEM_BEGIN);
    var end = text.indexOf(PEM_END);
    if (begin < 0 || end < begin) {
      throw new IOException(file + " contains neither a JWK nor a PUBLIC KEY in PEM");
    }
    try {
      var encoded = Base64.getMimeDecoder().decode(text.substring(begin + PEM_BEGIN.length(), end));
      var key = KeyFactory.getInstance("EC").generatePublic(new X509EncodedKeySpec(encoded));
      // The builder refuses a point that is not on the curve.
      return new ECKey.Builder(Curve.P_256, (ECPublicKey) key).build();
    } catch (GeneralSecurityException | IllegalArgumentException | IllegalStateException e) {
      throw new IOException(file + " contains no key on the curve P-256", e);
    }
  }

  private static IOException hasPrivateKey(Path file) {
    return new IOException(
        file + " contains a private key; the server needs the device CA's public key only");
  }

  /** Whether this authority signed the certificate, with ES256 and the type of certificates. */
  boolean signed(SignedJWT certificate) {
    var header = certificate.getHeader();
    try {
      return JWSAlgorithm.ES256.equals(header.getAlgorithm())
          && CERTIFICATE_TYPE.equals(header.getType())
          && certificate.verify(new ECDSAVerifier(key));
    } catch (JOSEException _) {
      return false;
    }
  }
}
