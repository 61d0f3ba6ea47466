package dev.parlor.relay.tls;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.PrivateKey;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import java.util.concurrent.TimeUnit;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManagerFactory;

/**
 * A certificate authority for tests, made by the JDK's {@code keytool}, with certificates for
 * 127.0.0.1 and localhost. No program outside the test trusts it.
 */
public final class TestCertificates {

  private static final String PASSWORD = "changeit";
  private static final String NAMES = "san=ip:127.0.0.1,dns:localhost";
  private static final int KEYTOOL_SECONDS = 60;

  private final Path folder;
  private final Path store;

  /** A certificate chain, the subject first, and its key. */
  public record Issued(List<X509Certificate> chain, PrivateKey key) {

    /** All certificates of the chain. */
    public String chainPem() {
      return pem(chain.toArray(X509Certificate[]::new));
    }

    /** The key in PKCS#8. */
    public String keyPem() {
      return TestCertificates.pem("PRIVATE KEY", key.getEncoded());
    }
  }

  /**
   * Writes {@code authority.pem}, {@code server-cert.pem} and {@code server-key.pem} to a folder.
   * Scripts run this source file directly, without a class path.
   */
  public static void main(String[] arguments) throws Exception {
    var authority = in(Path.of(arguments[0]));
    authority.issueFiles("server");
    authority.authority();
  }

  /** The paths of two PEM files. */
  public record PemPaths(Path certificate, Path key) {}

  private TestCertificates(Path folder) {
    this.folder = folder;
    this.store = folder.resolve("authority.p12");
  }

  /** Creates an authority whose files are in this folder. */
  public static TestCertificates in(Path folder) throws IOException, InterruptedException {
    var authority = new TestCertificates(folder);
    authority.keytool(
        "-genkeypair",
        "-alias",
        "ca",
        "-keyalg",
        "EC",
        "-groupname",
        "secp256r1",
        "-dname",
        "CN=Parlor test authority",
        "-ext",
        "bc:c=ca:true",
        "-ext",
        "ku:c=keyCertSign");
    return authority;
  }

  /** Issues a certificate for this machine; {@code options} are added to keytool's command. */
  public Issued issue(String alias, String... options)
      throws IOException, InterruptedException, GeneralSecurityException {
    var command = new ArrayList<>(List.of("-genkeypair", "-alias", alias, "-signer", "ca"));
    command.addAll(List.of("-dname", "CN=" + alias, "-ext", NAMES));
    command.addAll(List.of(options));
    if (!command.contains("-keyalg")) {
      command.addAll(List.of("-keyalg", "EC", "-groupname", "secp256r1"));
    }
    keytool(command.toArray(String[]::new));
    var entries = KeyStore.getInstance(store.toFile(), PASSWORD.toCharArray());
    return new Issued(
        Arrays.stream(entries.getCertificateChain(alias)).map(X509Certificate.class::cast).toList(),
        (PrivateKey) entries.getKey(alias, PASSWORD.toCharArray()));
  }

  /** Issues a certificate and writes two PEM files, as an operator has them. */
  public PemPaths issueFiles(String alias)
      throws IOException, InterruptedException, GeneralSecurityException {
    var issued = issue(alias);
    return new PemPaths(
        write(alias + "-cert.pem", issued.chainPem()), write(alias + "-key.pem", issued.keyPem()));
  }

  /** The authority's own certificate as a PEM file, for clients that trust it. */
  public Path authority() throws IOException, GeneralSecurityException {
    return write("authority.pem", pem(authorityCertificate()));
  }

  private X509Certificate authorityCertificate() throws IOException, GeneralSecurityException {
    var entries = KeyStore.getInstance(store.toFile(), PASSWORD.toCharArray());
    return (X509Certificate) entries.getCertificate("ca");
  }

  /** The TLS context of a client that trusts only this authority. */
  public SSLContext trustingContext() throws IOException, GeneralSecurityException {
    var trusted = KeyStore.getInstance("PKCS12");
    trusted.load(null, null);
    trusted.setCertificateEntry("ca", authorityCertificate());
    var managers = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
    managers.init(trusted);
    var context = SSLContext.getInstance("TLS");
    context.init(null, managers.getTrustManagers(), null);
    return context;
  }

  public Path write(String name, String text) throws IOException {
    return Files.writeString(folder.resolve(name), text);
  }

  static String pem(X509Certificate... chain) {
    var text = new StringBuilder();
    for (var certificate : chain) {
      try {
        text.append(pem("CERTIFICATE", certificate.getEncoded()));
      } catch (GeneralSecurityException e) {
        throw new IllegalStateException(e);
      }
    }
    return text.toString();
  }

  static String pem(String label, byte[] der) {
    var base64 = Base64.getMimeEncoder(64, "\n".getBytes(StandardCharsets.US_ASCII));
    return "-----BEGIN %1$s-----\n%2$s\n-----END %1$s-----\n"
        .formatted(label, base64.encodeToString(der));
  }

  private void keytool(String... arguments) throws IOException, InterruptedException {
    var command = new ArrayList<String>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "keytool").toString());
    // keytool runs for about a second; these options shorten its start.
    command.addAll(List.of("-J-XX:TieredStopAtLevel=1", "-J-XX:+UseSerialGC"));
    command.addAll(List.of(arguments));
    command.addAll(List.of("-keystore", store.toString(), "-storepass", PASSWORD));
    var process = new ProcessBuilder(command).redirectErrorStream(true).start();
    var output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    if (!process.waitFor(KEYTOOL_SECONDS, TimeUnit.SECONDS) || process.exitValue() != 0) {
      throw new IOException("keytool failed: " + output);
    }
  }
}
