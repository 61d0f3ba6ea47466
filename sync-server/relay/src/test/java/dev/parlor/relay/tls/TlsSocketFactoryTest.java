package dev.parlor.relay.tls;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLSocket;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Tests {@link TlsSocketFactory}. */
@Timeout(value = 60, unit = TimeUnit.SECONDS)
class TlsSocketFactoryTest {

  private static TestCertificates authority;
  private static ServerCertificate certificate;
  private ServerSocket listener;

  @BeforeAll
  static void issue(@TempDir Path folder) throws Exception {
    authority = TestCertificates.in(folder);
    var files = authority.issueFiles("server");
    certificate = ServerCertificate.read(files.certificate(), files.key());
  }

  @BeforeEach
  void listen() throws IOException {
    listener = new ServerSocket(0, 1, InetAddress.getLoopbackAddress());
  }

  @AfterEach
  void stop() throws IOException {
    listener.close();
  }

  private Socket connect() throws IOException {
    return new Socket(listener.getInetAddress(), listener.getLocalPort());
  }

  /** The server's side of the next connection, as the web server creates it. */
  private SSLSocket accept(SSLContext context) throws IOException {
    return (SSLSocket) context.getSocketFactory().createSocket(listener.accept(), null, false);
  }

  @Test
  @DisplayName("a connection whose handshake does not end in time is closed")
  void slowHandshakeIsClosed() throws Exception {
    try (var client = connect();
        var server = accept(TlsContext.of(certificate, Duration.ofMillis(50)))) {
      client.getOutputStream().write(new byte[] {0x16, 0x03, 0x01}); // The start of a ClientHello.
      assertThrows(IOException.class, server::startHandshake);
      assertEquals(-1, client.getInputStream().read());
    }
  }

  @Test
  @DisplayName(
      "after a complete handshake the time limit is cancelled, and the connection stays open")
  void finishedHandshakeStaysOpen() throws Exception {
    var jdk = SSLContext.getInstance("TLS");
    jdk.init(TlsContext.keyManagers(certificate), null, null);
    var sockets = new TlsSocketFactory(jdk.getSocketFactory(), Duration.ofDays(1));
    try (var raw = connect();
        var client =
            (SSLSocket)
                authority
                    .trustingContext()
                    .getSocketFactory()
                    .createSocket(raw, "127.0.0.1", listener.getLocalPort(), true);
        var server = (SSLSocket) sockets.createSocket(listener.accept(), null, false)) {
      assertEquals(1, sockets.handshakes());
      var read = CompletableFuture.supplyAsync(() -> firstByte(server));
      client.getOutputStream().write(7);
      assertEquals(7, read.get());
      while (sockets.handshakes() > 0) {
        Thread.onSpinWait(); // The JDK announces the end of a handshake on another thread.
      }
    }
  }

  private static int firstByte(SSLSocket socket) {
    try {
      socket.startHandshake();
      return socket.getInputStream().read();
    } catch (IOException e) {
      throw new java.io.UncheckedIOException(e);
    }
  }

  @Test
  @DisplayName("TLS 1.3 and 1.2 are enabled, and no earlier version")
  void onlyTls13And12() throws Exception {
    try (var _ = connect();
        var server = accept(TlsContext.of(certificate, Duration.ofDays(1)))) {
      assertArrayEquals(new String[] {"TLSv1.3", "TLSv1.2"}, server.getEnabledProtocols());
    }
  }

  @Test
  @DisplayName("closing the server's side closes the connection, whatever the client does")
  void closingClosesTheConnection() throws Exception {
    try (var client = connect()) {
      accept(TlsContext.of(certificate, Duration.ofDays(1))).close();
      assertEquals(-1, client.getInputStream().read());
    }
  }
}
