package dev.parlor.room.access;

import dev.parlor.crdt.identity.Bytes;
import dev.parlor.crdt.identity.Decoding;
import java.math.BigInteger;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.PublicKey;
import java.security.Signature;
import java.security.spec.X509EncodedKeySpec;
import java.util.Base64;
import java.util.HexFormat;
import java.util.Map;

/**
 * The public key of an identity: ECDSA on P-256 with SHA-256, or Ed25519. The private key stays in
 * the browser and cannot be exported.
 *
 * <p>A client sends the key as a JSON Web Key (RFC 7517, RFC 8037); the server stores it as
 * SubjectPublicKeyInfo in DER. Signatures have WebCrypto's format: {@code r || s} of 64 bytes (IEEE
 * P1363), or the 64 bytes of Ed25519.
 */
public final class ProofKey {

  /** The rule for keys that the server refuses. */
  static final String RULE = "AC4";

  /** Signature length of both algorithms. */
  static final int SIGNATURE_BYTES = 64;

  private static final int COORDINATE_BYTES = 32;
  private static final byte[] P256_PREFIX =
      HexFormat.of().parseHex("3059301306072a8648ce3d020106082a8648ce3d03010703420004");
  private static final byte[] ED25519_PREFIX = HexFormat.of().parseHex("302a300506032b6570032100");
  private static final BigInteger P256_PRIME =
      new BigInteger("ffffffff00000001000000000000000000000000ffffffffffffffffffffffff", 16);
  private static final BigInteger P256_B =
      new BigInteger("5ac635d8aa3a93e7b3ebbd55769886bc651d06b0cc53b0f63bce3c3e27d2604b", 16);

  private enum Kind {
    P256("EC", "SHA256withECDSAinP1363Format"),
    ED25519("Ed25519", "Ed25519");

    private final String keyAlgorithm;
    private final String signatureAlgorithm;

    Kind(String keyAlgorithm, String signatureAlgorithm) {
      this.keyAlgorithm = keyAlgorithm;
      this.signatureAlgorithm = signatureAlgorithm;
    }
  }

  private final Kind kind;
  private final Bytes encoded;

  private ProofKey(Kind kind, Bytes encoded) {
    this.kind = kind;
    this.encoded = encoded;
  }

  /**
   * Reads a public JWK; ignores members that are not needed.
   *
   * @param jwk the members of the JWK that are strings
   */
  public static Decoding<ProofKey> ofJwk(Map<String, String> jwk) {
    if (jwk.containsKey("d")) {
      return Decoding.malformed(RULE, "this is a private key: send only the public key");
    }
    var type = jwk.getOrDefault("kty", "");
    var curve = jwk.getOrDefault("crv", "");
    if (type.equals("EC") && curve.equals("P-256")) {
      return p256(coordinate(jwk, "x"), coordinate(jwk, "y"));
    }
    if (type.equals("OKP") && curve.equals("Ed25519")) {
      var x = coordinate(jwk, "x");
      return x.length == COORDINATE_BYTES
          ? checked(Kind.ED25519, concat(ED25519_PREFIX, x))
          : Decoding.malformed(RULE, "x is not 32 bytes in base64url");
    }
    return Decoding.malformed(RULE, "the key must be P-256 (kty EC) or Ed25519 (kty OKP)");
  }

  private static Decoding<ProofKey> p256(byte[] x, byte[] y) {
    if (x.length != COORDINATE_BYTES || y.length != COORDINATE_BYTES) {
      return Decoding.malformed(RULE, "x and y are not 32 bytes each in base64url");
    }
    if (!onCurve(new BigInteger(1, x), new BigInteger(1, y))) {
      return Decoding.malformed(RULE, "the point is not on the curve P-256");
    }
    return checked(Kind.P256, concat(concat(P256_PREFIX, x), y));
  }

  /** Checks the point: Java's key factory accepts points that are not on the curve. */
  private static boolean onCurve(BigInteger x, BigInteger y) {
    if (x.compareTo(P256_PRIME) >= 0 || y.compareTo(P256_PRIME) >= 0) {
      return false;
    }
    var rightSide =
        x.pow(3).subtract(x.multiply(BigInteger.valueOf(3))).add(P256_B).mod(P256_PRIME);
    return y.multiply(y).mod(P256_PRIME).equals(rightSide);
  }

  /** The key, if Java accepts its encoded form. */
  private static Decoding<ProofKey> checked(Kind kind, byte[] encoded) {
    var key = new ProofKey(kind, Bytes.wrap(encoded));
    try {
      key.publicKey();
    } catch (GeneralSecurityException e) {
      return Decoding.malformed(RULE, "this is not a valid public key");
    }
    return Decoding.of(key);
  }

  /** Reads a key that {@link #stored} wrote. */
  static ProofKey ofStored(String stored) {
    var bytes = Base64.getUrlDecoder().decode(stored);
    var kind = bytes.length == ED25519_PREFIX.length + COORDINATE_BYTES ? Kind.ED25519 : Kind.P256;
    return new ProofKey(kind, Bytes.wrap(bytes));
  }

  String stored() {
    return Base64.getUrlEncoder().withoutPadding().encodeToString(encoded.toArray());
  }

  /** Whether this signature of this text is valid for this key. */
  public boolean verifies(Bytes text, Bytes signature) {
    if (signature.length() != SIGNATURE_BYTES) {
      return false;
    }
    try {
      var check = Signature.getInstance(kind.signatureAlgorithm);
      check.initVerify(publicKey());
      check.update(text.toArray());
      return check.verify(signature.toArray());
    } catch (GeneralSecurityException e) {
      return false;
    }
  }

  private PublicKey publicKey() throws GeneralSecurityException {
    return KeyFactory.getInstance(kind.keyAlgorithm)
        .generatePublic(new X509EncodedKeySpec(encoded.toArray()));
  }

  private static byte[] coordinate(Map<String, String> jwk, String name) {
    try {
      return Base64.getUrlDecoder().decode(jwk.getOrDefault(name, ""));
    } catch (IllegalArgumentException e) {
      return new byte[0];
    }
  }

  private static byte[] concat(byte[] first, byte[] second) {
    var all = java.util.Arrays.copyOf(first, first.length + second.length);
    System.arraycopy(second, 0, all, first.length, second.length);
    return all;
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof ProofKey key && key.encoded.equals(encoded);
  }

  @Override
  public int hashCode() {
    return encoded.hashCode();
  }

  @Override
  public String toString() {
    return "ProofKey[" + kind + "]";
  }
}
