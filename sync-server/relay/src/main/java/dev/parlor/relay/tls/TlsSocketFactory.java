package dev.parlor.relay.tls;

import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.time.Duration;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import javax.net.ssl.SSLSocket;
import javax.net.ssl.SSLSocketFactory;
import org.jspecify.annotations.Nullable;

/**
 * Puts TLS on accepted connections. A timer thread closes a connection whose handshake is not
 * complete in time. The handshake runs on the thread of its connection, which then receives an
 * exception.
 */
final class TlsSocketFactory extends SSLSocketFactory {

  private static final String[] PROTOCOLS = {"TLSv1.3", "TLSv1.2"};

  private final SSLSocketFactory jdk;
  private final long handshakeMillisMax;
  private final ScheduledThreadPoolExecutor timer;

  TlsSocketFactory(SSLSocketFactory jdk, Duration handshakeMax) {
    this.jdk = jdk;
    this.handshakeMillisMax = handshakeMax.toMillis();
    this.timer =
        new ScheduledThreadPoolExecutor(
            1, Thread.ofPlatform().daemon().name("tls-handshakes").factory());
    timer.setRemoveOnCancelPolicy(true);
  }

  /**
   * Wraps an accepted connection.
   *
   * @param autoClose ignored: a closed socket always closes its connection. Otherwise a client that
   *     does not close its side would keep the connection open.
   */
  @Override
  public Socket createSocket(Socket connection, @Nullable InputStream consumed, boolean autoClose)
      throws IOException {
    var socket = (SSLSocket) jdk.createSocket(connection, consumed, true);
    socket.setEnabledProtocols(PROTOCOLS);
    var deadline =
        timer.schedule(() -> close(connection), handshakeMillisMax, TimeUnit.MILLISECONDS);
    socket.addHandshakeCompletedListener(_ -> deadline.cancel(false));
    return socket;
  }

  /** The number of handshakes that are not complete. */
  int handshakes() {
    return timer.getQueue().size();
  }

  /** Closes the TCP connection, since closing the TLS socket would wait for the client. */
  private static void close(Socket connection) {
    try {
      connection.close();
    } catch (IOException _) {
      // The connection is of no further use.
    }
  }

  @Override
  public String[] getDefaultCipherSuites() {
    return jdk.getDefaultCipherSuites();
  }

  @Override
  public String[] getSupportedCipherSuites() {
    return jdk.getSupportedCipherSuites();
  }

  @Override
  public Socket createSocket(Socket connection, String host, int port, boolean autoClose) {
    throw acceptedOnly();
  }

  @Override
  public Socket createSocket(String host, int port) {
    throw acceptedOnly();
  }

  @Override
  public Socket createSocket(String host, int port, InetAddress localHost, int localPort) {
    throw acceptedOnly();
  }

  @Override
  public Socket createSocket(InetAddress host, int port) {
    throw acceptedOnly();
  }

  @Override
  public Socket createSocket(InetAddress host, int port, InetAddress localHost, int localPort) {
    throw acceptedOnly();
  }

  private static UnsupportedOperationException acceptedOnly() {
    return new UnsupportedOperationException("only accepted connections are wrapped");
  }
}
