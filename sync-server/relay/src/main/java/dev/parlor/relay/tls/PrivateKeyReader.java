package dev.parlor.relay.tls;

import java.io.ByteArrayOutputStream;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.PrivateKey;
import java.security.PublicKey;
import java.security.spec.InvalidKeySpecException;
import java.security.spec.PKCS8EncodedKeySpec;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;

/**
 * Reads the three PEM forms of private keys. The JDK reads PKCS#8 only. The older forms, PKCS#1 for
 * RSA and SEC1 for EC, are the inner part of PKCS#8, so this class wraps them (RFC 5208).
 */
final class PrivateKeyReader {

  private static final String PKCS8 = "PRIVATE KEY";
  private static final String PKCS1 = "RSA PRIVATE KEY";
  private static final String SEC1 = "EC PRIVATE KEY";
  private static final List<String> ALGORITHMS = List.of("RSA", "EC", "EdDSA");

  private static final byte[] RSA_ENCRYPTION =
      HexFormat.of().parseHex("300d06092a864886f70d0101010500");
  private static final byte[] VERSION_0 = {0x02, 0x01, 0x00};
  private static final int SEQUENCE = 0x30;
  private static final int OCTET_STRING = 0x04;

  private PrivateKeyReader() {}

  /**
   * The private key of a file with exactly one key.
   *
   * @param publicKey the certificate's public key; it names the curve of a SEC1 key
   */
  static PrivateKey read(PemFile file, PublicKey publicKey) throws TlsFileException {
    var blocks = file.blocksEndingWith("PRIVATE KEY");
    if (blocks.isEmpty()) {
      throw file.refusal(
          file.blocksEndingWith("CERTIFICATE").isEmpty()
              ? "has no private key (only: " + file.labels() + "); give the path of the key's file"
              : "has a certificate and no private key; --tls-cert and --tls-key may be swapped");
    }
    if (blocks.size() > 1) {
      throw file.refusal("has " + blocks.size() + " private keys; keep the certificate's key only");
    }
    var block = blocks.getFirst();
    if (block.encrypted()) {
      throw file.refusal(
          "has a passphrase, and the server needs a key without one; remove it with: openssl pkey"
              + " -in "
              + file.path()
              + " -out new.pem");
    }
    var pkcs8 =
        switch (block.label()) {
          case PKCS8 -> block.der();
          case PKCS1 -> pkcs8(RSA_ENCRYPTION, block.der());
          case SEC1 -> pkcs8(algorithm(publicKey), block.der());
          default ->
              throw file.refusal(
                  "has a key in the form \""
                      + block.label()
                      + "\", which the server does not read; convert it to PKCS#8, for example"
                      + " with: openssl pkey -in "
                      + file.path()
                      + " -out new.pem");
        };
    return decode(pkcs8)
        .orElseThrow(
            () ->
                file.refusal(
                    "has a key that cannot be read: it is damaged, or not RSA, EC or Ed25519;"
                        + " check it with: openssl pkey -noout -text -in "
                        + file.path()));
  }

  private static Optional<PrivateKey> decode(byte[] pkcs8) {
    for (var algorithm : ALGORITHMS) {
      try {
        return Optional.of(
            KeyFactory.getInstance(algorithm).generatePrivate(new PKCS8EncodedKeySpec(pkcs8)));
      } catch (InvalidKeySpecException e) {
        // The key has another algorithm: try the next one.
      } catch (GeneralSecurityException e) {
        throw new IllegalStateException("every JDK has " + algorithm, e);
      }
    }
    return Optional.empty();
  }

  private static byte[] pkcs8(byte[] algorithm, byte[] key) {
    var content = new ByteArrayOutputStream();
    content.writeBytes(VERSION_0);
    content.writeBytes(algorithm);
    content.writeBytes(element(OCTET_STRING, key));
    return element(SEQUENCE, content.toByteArray());
  }

  /**
   * The AlgorithmIdentifier of a public key, which is the first element of the outer sequence. For
   * EC it names the curve.
   */
  private static byte[] algorithm(PublicKey key) {
    var encoded = key.getEncoded();
    var start = headerLength(encoded, 0);
    var end = start + headerLength(encoded, start) + contentLength(encoded, start);
    return Arrays.copyOfRange(encoded, start, end);
  }

  private static int headerLength(byte[] der, int at) {
    var first = der[at + 1] & 0xFF;
    return first < 0x80 ? 2 : 2 + (first & 0x7F);
  }

  private static int contentLength(byte[] der, int at) {
    var first = der[at + 1] & 0xFF;
    if (first < 0x80) {
      return first;
    }
    var length = 0;
    for (var i = 0; i < (first & 0x7F); i++) {
      length = (length << 8) | (der[at + 2 + i] & 0xFF);
    }
    return length;
  }

  /** A DER element with a length below 64 KiB in the shortest form. */
  private static byte[] element(int tag, byte[] content) {
    var out = new ByteArrayOutputStream();
    out.write(tag);
    if (content.length >= 0x100) {
      out.write(0x82);
      out.write(content.length >> 8);
    } else if (content.length >= 0x80) {
      out.write(0x81);
    }
    out.write(content.length);
    out.writeBytes(content);
    return out.toByteArray();
  }
}
