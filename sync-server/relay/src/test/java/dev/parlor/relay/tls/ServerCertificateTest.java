package dev.parlor.relay.tls;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.parlor.relay.tls.TestCertificates.Issued;
import dev.parlor.relay.tls.TlsFileException.Part;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.interfaces.ECPrivateKey;
import java.security.interfaces.ECPublicKey;
import java.time.Duration;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Tests {@link ServerCertificate} and its error messages. */
class ServerCertificateTest {

  private static final HexFormat HEX = HexFormat.of();

  @TempDir private static Path folder;
  private static TestCertificates authority;
  private static Issued ec;
  private static Issued rsa;

  @BeforeAll
  static void issue() throws Exception {
    authority = TestCertificates.in(folder);
    ec = authority.issue("ec");
    rsa = authority.issue("rsa", "-keyalg", "RSA", "-keysize", "2048");
  }

  private static ServerCertificate read(String certificate, String key) throws Exception {
    return ServerCertificate.read(
        authority.write("cert.pem", certificate), authority.write("key.pem", key));
  }

  private static void assertRefused(Part part, String message, String certificate, String key) {
    var refusal = assertThrows(TlsFileException.class, () -> read(certificate, key));
    assertEquals(part, refusal.part(), refusal.getMessage());
    assertEquals(message.replace("FOLDER", folder.toString()), refusal.getMessage());
  }

  @Test
  @DisplayName("EC, RSA and Ed25519 keys in PKCS#8 are read with their chain")
  void keysInPkcs8AreRead() throws Exception {
    var ed = authority.issue("ed", "-keyalg", "Ed25519");
    for (var issued : List.of(ec, rsa, ed)) {
      var read = read(issued.chainPem(), issued.keyPem());
      assertEquals(issued.chain(), read.chain());
      assertEquals(issued.key(), read.key());
    }
  }

  @Test
  @DisplayName("an RSA key in PKCS#1 (BEGIN RSA PRIVATE KEY) is read")
  void rsaKeyInPkcs1IsRead() throws Exception {
    assertEquals(rsa.key(), read(rsa.chainPem(), pkcs1()).key());
  }

  /** PKCS#8 of a 2048-bit RSA key has 26 bytes before the PKCS#1 structure. */
  private static String pkcs1() {
    var pkcs8 = rsa.key().getEncoded();
    return TestCertificates.pem("RSA PRIVATE KEY", Arrays.copyOfRange(pkcs8, 26, pkcs8.length));
  }

  @Test
  @DisplayName("an EC key in SEC1 (BEGIN EC PRIVATE KEY) as OpenSSL writes it is read")
  void ecKeyInSec1IsRead() throws Exception {
    // The keys are not equal as objects: this encoding has the public key in addition.
    var read = (ECPrivateKey) read(ec.chainPem(), sec1()).key();
    assertEquals(((ECPrivateKey) ec.key()).getS(), read.getS());
  }

  /**
   * The EC key in two blocks, as OpenSSL writes it: the parameters, then the key with curve and
   * public key.
   */
  private static String sec1() {
    var p256 = "06082a8648ce3d030107";
    var secret = ((ECPrivateKey) ec.key()).getS();
    var publicKey = (ECPublicKey) ec.chain().getFirst().getPublicKey();
    var point = publicKey.getEncoded();
    var key = new ByteArrayOutputStream();
    key.writeBytes(HEX.parseHex("30770201010420"));
    key.writeBytes(HEX.parseHex("%064x".formatted(secret)));
    key.writeBytes(HEX.parseHex("a00a" + p256 + "a144034200"));
    key.writeBytes(Arrays.copyOfRange(point, point.length - 65, point.length));
    return TestCertificates.pem("EC PARAMETERS", HEX.parseHex(p256))
        + TestCertificates.pem("EC PRIVATE KEY", key.toByteArray());
  }

  @Test
  @DisplayName("one file with certificate and key serves as both")
  void oneFileServesAsBoth() throws Exception {
    var both = authority.write("both.pem", ec.keyPem() + "some text\r\n" + ec.chainPem());
    assertEquals(ec.key(), ServerCertificate.read(both, both).key());
  }

  @Test
  @DisplayName("Windows line ends are read")
  void windowsLineEndsAreRead() throws Exception {
    assertEquals(
        ec.chain(),
        read(ec.chainPem().replace("\n", "\r\n"), ec.keyPem().replace("\n", "\r\n")).chain());
  }

  @Test
  @DisplayName("a missing file and a directory are refused, and the error has the wrong part")
  void pathsWithoutAFileAreRefused() throws Exception {
    var certificate = authority.write("cert.pem", ec.chainPem());
    var absent = folder.resolve("absent.pem");
    var missing =
        assertThrows(TlsFileException.class, () -> ServerCertificate.read(certificate, absent));
    assertEquals(Part.KEY, missing.part());
    assertEquals("does not exist; give the path of a PEM file", missing.getMessage());
    var directory =
        assertThrows(TlsFileException.class, () -> ServerCertificate.read(folder, absent));
    assertEquals(Part.CERTIFICATE, directory.part());
    assertEquals("is a directory; give the path of a PEM file", directory.getMessage());
  }

  @Test
  @DisplayName("a file that the system does not let the server read is refused")
  void unreadableFileIsRefused() {
    // On Linux reading this file at offset 0 fails for every user. Permissions would not stop root.
    var unreadable = Path.of("/proc/self/mem");
    assumeTrue(Files.isRegularFile(unreadable), "Linux only");
    var refusal =
        assertThrows(TlsFileException.class, () -> ServerCertificate.read(unreadable, unreadable));
    assertTrue(refusal.toString().contains(": cannot be read ("), refusal.toString());
  }

  @Test
  @DisplayName("a file that is not PEM is refused with a description of its content")
  void contentThatIsNotPemIsRefused() throws Exception {
    assertRefused(Part.CERTIFICATE, "is empty; give the path of a PEM file", "", ec.keyPem());
    assertRefused(
        Part.KEY,
        "is not PEM: it has no line \"-----BEGIN PRIVATE KEY-----\"; give the path of a PEM file",
        ec.chainPem(),
        "hello");
    assertRefused(
        Part.CERTIFICATE,
        "is larger than 1024 KiB; give the path of a PEM file",
        "x".repeat((1 << 20) + 1),
        ec.keyPem());
    assertRefused(
        Part.KEY,
        "is damaged: a line \"-----BEGIN ...\" has no matching \"-----END ...\"; copy the file"
            + " again",
        ec.chainPem(),
        ec.keyPem().substring(0, 60));
    assertRefused(
        Part.KEY,
        "is damaged: the text after \"-----BEGIN PRIVATE KEY-----\" is not Base64; copy the file"
            + " again",
        ec.chainPem(),
        ec.keyPem().replaceFirst("M", "*"));
  }

  @Test
  @DisplayName("DER in place of PEM is refused with the commands that convert it")
  void derIsRefused() throws Exception {
    var der = folder.resolve("cert.der");
    Files.write(der, ec.chain().getFirst().getEncoded());
    var key = authority.write("key.pem", ec.keyPem());
    var refusal = assertThrows(TlsFileException.class, () -> ServerCertificate.read(der, key));
    assertEquals(Part.CERTIFICATE, refusal.part());
    assertEquals(
        "is DER or PKCS#12, not PEM; convert DER with: openssl x509 -inform der -in "
            + der
            + " -out new.pem; convert PKCS#12 with: openssl pkcs12 -in "
            + der
            + " -nokeys -out new.pem",
        refusal.getMessage());
  }

  @Test
  @DisplayName("swapped files are refused, and the error says that they may be swapped")
  void swappedFilesAreRefused() {
    assertRefused(
        Part.CERTIFICATE,
        "has a private key and no certificate; --tls-cert and --tls-key may be swapped",
        ec.keyPem(),
        ec.chainPem());
    assertRefused(
        Part.KEY,
        "has a certificate and no private key; --tls-cert and --tls-key may be swapped",
        ec.chainPem(),
        ec.chainPem());
  }

  @Test
  @DisplayName("a key with a passphrase is refused in PKCS#8 and in the older form")
  void keyWithPassphraseIsRefused() {
    var message =
        "has a passphrase, and the server needs a key without one; remove it with: openssl pkey"
            + " -in FOLDER/key.pem -out new.pem";
    assertRefused(
        Part.KEY,
        message,
        ec.chainPem(),
        TestCertificates.pem("ENCRYPTED PRIVATE KEY", new byte[80]));
    assertRefused(
        Part.KEY,
        message,
        ec.chainPem(),
        pkcs1()
            .replaceFirst(
                "\n", "\nProc-Type: 4,ENCRYPTED\nDEK-Info: AES-256-CBC,0123456789ABCDEF\n\n"));
  }

  @Test
  @DisplayName("a key of another certificate is refused, whatever its algorithm and form")
  void keyOfAnotherCertificateIsRefused() throws Exception {
    var message =
        "does not match the certificate in FOLDER/cert.pem; use the key that the certificate was"
            + " issued for";
    var other = authority.issue("other");
    assertRefused(Part.KEY, message, ec.chainPem(), other.keyPem());
    assertRefused(Part.KEY, message, other.chainPem(), sec1());
    assertRefused(Part.KEY, message, rsa.chainPem(), ec.keyPem());
    assertRefused(Part.KEY, message, ec.chainPem(), rsa.keyPem());
    assertRefused(Part.KEY, message, ec.chainPem(), pkcs1());
  }

  @Test
  @DisplayName("a key file without one readable private key is refused")
  void keyFileWithoutOneReadableKeyIsRefused() {
    assertRefused(
        Part.KEY,
        "has no private key (only: EC PARAMETERS); give the path of the key's file",
        ec.chainPem(),
        TestCertificates.pem("EC PARAMETERS", new byte[4]));
    assertRefused(
        Part.KEY,
        "has 2 private keys; keep the certificate's key only",
        ec.chainPem(),
        ec.keyPem() + rsa.keyPem());
    assertRefused(
        Part.KEY,
        "has a key in the form \"OPENSSH PRIVATE KEY\", which the server does not read; convert it"
            + " to PKCS#8, for example with: openssl pkey -in FOLDER/key.pem -out new.pem",
        ec.chainPem(),
        TestCertificates.pem("OPENSSH PRIVATE KEY", new byte[4]));
    assertRefused(
        Part.KEY,
        "has a key that cannot be read: it is damaged, or not RSA, EC or Ed25519; check it with:"
            + " openssl pkey -noout -text -in FOLDER/key.pem",
        ec.chainPem(),
        TestCertificates.pem("PRIVATE KEY", new byte[40]));
  }

  @Test
  @DisplayName("a certificate file without a readable certificate is refused")
  void certificateFileWithoutReadableCertificateIsRefused() {
    assertRefused(
        Part.CERTIFICATE,
        "has no certificate (only: EC PARAMETERS); give the certificate's file",
        TestCertificates.pem("EC PARAMETERS", new byte[4]),
        ec.keyPem());
    assertRefused(
        Part.CERTIFICATE,
        "has a certificate that cannot be read (certificate 2); check it with: openssl x509 -noout"
            + " -text -in FOLDER/cert.pem",
        TestCertificates.pem(ec.chain().getFirst())
            + TestCertificates.pem("CERTIFICATE", new byte[40]),
        ec.keyPem());
  }

  @Test
  @DisplayName("a chain in the wrong order is refused")
  void chainInTheWrongOrderIsRefused() {
    var server = ec.chain().getFirst();
    var issuer = ec.chain().getLast();
    assertRefused(
        Part.CERTIFICATE,
        "has the server's certificate at place 2; put it first, then the certificate of its"
            + " issuer, and so on",
        TestCertificates.pem(issuer, server),
        ec.keyPem());
    assertRefused(
        Part.CERTIFICATE,
        "is in the wrong order: certificate 2 did not issue certificate 1; put the server's"
            + " certificate first, then the certificate of its issuer, and so on",
        TestCertificates.pem(server, rsa.chain().getFirst(), issuer),
        ec.keyPem());
  }

  @Test
  @DisplayName("an expired certificate and a certificate that is not valid yet cause a warning")
  void datesCauseAWarning() throws Exception {
    var read = read(ec.chainPem(), ec.keyPem());
    var from = ec.chain().getFirst().getNotBefore().toInstant();
    var until = ec.chain().getFirst().getNotAfter().toInstant();
    assertEquals(Optional.empty(), read.warning(from));
    assertEquals(Optional.empty(), read.warning(until));
    assertEquals(
        Optional.of("expired at " + until + ", so clients refuse it; renew the certificate"),
        read.warning(until.plus(Duration.ofSeconds(1))));
    assertEquals(
        Optional.of(
            "is not valid before " + from + ", so clients refuse it until then; check the clock"),
        read.warning(from.minus(Duration.ofSeconds(1))));
  }

  @Test
  @DisplayName("toString of a certificate, of a refusal and of a PEM block never contains the key")
  void keyIsNeverShown() throws Exception {
    var key = ec.keyPem().lines().skip(1).findFirst().orElseThrow();
    assertEquals("CN=ec", read(ec.chainPem(), ec.keyPem()).toString());
    var refusal = assertThrows(TlsFileException.class, () -> read(rsa.chainPem(), ec.keyPem()));
    assertFalse(refusal.toString().contains(key), refusal.toString());
    var block =
        PemFile.read(authority.write("key.pem", ec.keyPem()), Part.KEY).blocksEndingWith("KEY");
    assertEquals("[PRIVATE KEY]", block.toString());
  }

  @Test
  @DisplayName("arbitrary bytes after BEGIN never cause another exception")
  void arbitraryContentIsRefused() throws IOException {
    var random = new Random(7);
    for (var round = 0; round < 200; round++) {
      var bytes = new byte[random.nextInt(120)];
      random.nextBytes(bytes);
      var block =
          TestCertificates.pem(
              List.of("PRIVATE KEY", "RSA PRIVATE KEY", "EC PRIVATE KEY").get(round % 3), bytes);
      assertThrows(TlsFileException.class, () -> read(ec.chainPem(), block));
      var raw = new String(bytes, StandardCharsets.ISO_8859_1);
      assertThrows(TlsFileException.class, () -> read(ec.chainPem(), raw));
    }
  }
}
