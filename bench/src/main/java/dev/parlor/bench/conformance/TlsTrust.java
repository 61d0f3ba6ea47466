package dev.parlor.bench.conformance;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.cert.CertificateFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManagerFactory;

/** TLS contexts that trust given certificate authorities. */
final class TlsTrust {

  private TlsTrust() {}

  /**
   * Trusts the authorities in a PEM file, and no others.
   *
   * @throws IllegalArgumentException with a sentence for the user
   */
  static SSLContext ofFile(Path authorities) {
    try (var in = Files.newInputStream(authorities)) {
      var store = KeyStore.getInstance("PKCS12");
      store.load(null, null);
      var number = 0;
      for (var certificate : CertificateFactory.getInstance("X.509").generateCertificates(in)) {
        store.setCertificateEntry("authority-" + number++, certificate);
      }
      var managers = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
      managers.init(store);
      var context = SSLContext.getInstance("TLS");
      context.init(null, managers.getTrustManagers(), null);
      return context;
    } catch (IOException | GeneralSecurityException e) {
      throw new IllegalArgumentException(
          "--ca=" + authorities + " is no PEM file with certificates (" + e.getMessage() + ")", e);
    }
  }

  /** Trusts the authorities that Java trusts. */
  static SSLContext ofJava() {
    try {
      return SSLContext.getDefault();
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("every Java platform has a default TLS context", e);
    }
  }
}
