package dev.parlor.relay.tls;

import dev.parlor.relay.tls.TlsFileException.Part;
import java.io.ByteArrayInputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.PrivateKey;
import java.security.PublicKey;
import java.security.Signature;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** A certificate chain, the server's certificate first, and the private key that matches it. */
public final class ServerCertificate {

  private final List<X509Certificate> chain;
  private final PrivateKey key;

  private ServerCertificate(List<X509Certificate> chain, PrivateKey key) {
    this.chain = List.copyOf(chain);
    this.key = key;
  }

  /**
   * Reads both files and checks that they belong together. Dates are not checked.
   *
   * @param certificateFile the server's certificate, followed by the certificates of its issuers
   * @param keyFile the private key without a passphrase; may be the same file
   */
  public static ServerCertificate read(Path certificateFile, Path keyFile) throws TlsFileException {
    var certificates = PemFile.read(certificateFile, Part.CERTIFICATE);
    var chain = chain(certificates);
    var keys = PemFile.read(keyFile, Part.KEY);
    var key = PrivateKeyReader.read(keys, chain.getFirst().getPublicKey());
    var matchIndex = indexOfMatch(key, chain);
    if (matchIndex < 0) {
      throw keys.refusal(
          "does not match the certificate in "
              + certificateFile
              + "; use the key that the certificate was issued for");
    }
    if (matchIndex > 0) {
      throw certificates.refusal(
          "has the server's certificate at place "
              + (matchIndex + 1)
              + "; put it first, then the certificate of its issuer, and so on");
    }
    checkOrder(certificates, chain);
    return new ServerCertificate(chain, key);
  }

  private static List<X509Certificate> chain(PemFile file) throws TlsFileException {
    var blocks = file.blocksEndingWith("CERTIFICATE");
    if (blocks.isEmpty()) {
      throw file.refusal(
          file.blocksEndingWith("PRIVATE KEY").isEmpty()
              ? "has no certificate (only: " + file.labels() + "); give the certificate's file"
              : "has a private key and no certificate; --tls-cert and --tls-key may be swapped");
    }
    var chain = new ArrayList<X509Certificate>();
    for (var block : blocks) {
      try {
        var factory = CertificateFactory.getInstance("X.509");
        chain.add(
            (X509Certificate) factory.generateCertificate(new ByteArrayInputStream(block.der())));
      } catch (CertificateException | ClassCastException e) {
        throw file.refusal(
            "has a certificate that cannot be read (certificate "
                + (chain.size() + 1)
                + "); check it with: openssl x509 -noout -text -in "
                + file.path());
      }
    }
    return chain;
  }

  /**
   * The index of the certificate with the public key of the private key; -1 if no certificate has
   * it.
   */
  private static int indexOfMatch(PrivateKey key, List<X509Certificate> chain) {
    for (var i = 0; i < chain.size(); i++) {
      if (matches(key, chain.get(i).getPublicKey())) {
        return i;
      }
    }
    return -1;
  }

  /**
   * Whether the keys belong together: signs with the private key and verifies with the public key.
   */
  private static boolean matches(PrivateKey key, PublicKey publicKey) {
    if (!key.getAlgorithm().equals(publicKey.getAlgorithm())) {
      return false;
    }
    try {
      var signature =
          Signature.getInstance(
              switch (key.getAlgorithm()) {
                case "RSA" -> "SHA256withRSA";
                case "EC" -> "SHA256withECDSA";
                default -> "EdDSA";
              });
      var message = "parlor".getBytes(StandardCharsets.US_ASCII);
      signature.initSign(key);
      signature.update(message);
      var signed = signature.sign();
      signature.initVerify(publicKey);
      signature.update(message);
      return signature.verify(signed);
    } catch (GeneralSecurityException e) {
      return false; // For example keys of different lengths or curves.
    }
  }

  private static void checkOrder(PemFile file, List<X509Certificate> chain)
      throws TlsFileException {
    for (var i = 0; i + 1 < chain.size(); i++) {
      try {
        chain.get(i).verify(chain.get(i + 1).getPublicKey());
      } catch (GeneralSecurityException e) {
        throw file.refusal(
            "is in the wrong order: certificate "
                + (i + 2)
                + " did not issue certificate "
                + (i + 1)
                + "; put the server's certificate first, then the certificate of its issuer, and"
                + " so on");
      }
    }
  }

  /**
   * A warning if the certificate is not valid at this time. It completes a sentence, like a {@link
   * TlsFileException}.
   */
  public Optional<String> warning(Instant now) {
    var until = chain.getFirst().getNotAfter().toInstant();
    var from = chain.getFirst().getNotBefore().toInstant();
    if (now.isAfter(until)) {
      return Optional.of("expired at " + until + ", so clients refuse it; renew the certificate");
    }
    if (now.isBefore(from)) {
      return Optional.of(
          "is not valid before " + from + ", so clients refuse it until then; check the clock");
    }
    return Optional.empty();
  }

  /** The server's own certificate. */
  public X509Certificate certificate() {
    return chain.getFirst();
  }

  List<X509Certificate> chain() {
    return chain;
  }

  PrivateKey key() {
    return key;
  }

  /** The subject only: the key must not appear in a log. */
  @Override
  public String toString() {
    return chain.getFirst().getSubjectX500Principal().getName();
  }
}
