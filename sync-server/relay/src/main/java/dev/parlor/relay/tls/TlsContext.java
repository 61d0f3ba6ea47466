package dev.parlor.relay.tls;

import java.io.IOException;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.SecureRandom;
import java.security.cert.X509Certificate;
import java.time.Duration;
import javax.net.ssl.KeyManager;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLContextSpi;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.SSLServerSocketFactory;
import javax.net.ssl.SSLSessionContext;
import javax.net.ssl.SSLSocketFactory;
import javax.net.ssl.TrustManager;

/**
 * The JDK's TLS with the server's certificate. Its sockets use TLS 1.3 or 1.2 only, and a
 * connection whose handshake takes too long is closed.
 *
 * <p>The web server has no time limit for handshakes. It creates each connection's socket through
 * {@link SSLContext#getSocketFactory}, so that factory, {@link TlsSocketFactory}, sets the limit.
 */
public final class TlsContext extends SSLContext {

  /** The time limit of a handshake in milliseconds; the connection is then closed. */
  public static final int HANDSHAKE_MILLIS_MAX = 10_000;

  private TlsContext(SSLContext jdk, Duration handshakeMax) {
    super(new Spi(jdk, handshakeMax), jdk.getProvider(), jdk.getProtocol());
  }

  /**
   * Creates the TLS context of a server with this certificate.
   *
   * @param handshakeMax time limit of a handshake, in production {@link #HANDSHAKE_MILLIS_MAX}
   */
  public static SSLContext of(ServerCertificate certificate, Duration handshakeMax) {
    try {
      var jdk = SSLContext.getInstance("TLS");
      jdk.init(keyManagers(certificate), new TrustManager[0], null);
      return new TlsContext(jdk, handshakeMax);
    } catch (GeneralSecurityException | IOException e) {
      throw new IllegalStateException("the JDK could not set up TLS", e);
    }
  }

  static KeyManager[] keyManagers(ServerCertificate certificate)
      throws GeneralSecurityException, IOException {
    var noPassword = new char[0]; // The key store exists only in memory.
    var store = KeyStore.getInstance("PKCS12");
    store.load(null, noPassword);
    var chain = certificate.chain().toArray(X509Certificate[]::new);
    store.setKeyEntry("server", certificate.key(), noPassword, chain);
    var managers = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
    managers.init(store, noPassword);
    return managers.getKeyManagers();
  }

  /** Delegates to the JDK's context, except for the socket factory. */
  private static final class Spi extends SSLContextSpi {
    private final SSLContext jdk;
    private final SSLSocketFactory sockets;

    Spi(SSLContext jdk, Duration handshakeMax) {
      this.jdk = jdk;
      this.sockets = new TlsSocketFactory(jdk.getSocketFactory(), handshakeMax);
    }

    @Override
    protected void engineInit(
        KeyManager[] keyManagers, TrustManager[] trustManagers, SecureRandom random) {
      throw new UnsupportedOperationException("this context is already initialised");
    }

    @Override
    protected SSLSocketFactory engineGetSocketFactory() {
      return sockets;
    }

    @Override
    protected SSLServerSocketFactory engineGetServerSocketFactory() {
      return jdk.getServerSocketFactory();
    }

    @Override
    protected SSLEngine engineCreateSSLEngine() {
      return jdk.createSSLEngine();
    }

    @Override
    protected SSLEngine engineCreateSSLEngine(String host, int port) {
      return jdk.createSSLEngine(host, port);
    }

    @Override
    protected SSLSessionContext engineGetServerSessionContext() {
      return jdk.getServerSessionContext();
    }

    @Override
    protected SSLSessionContext engineGetClientSessionContext() {
      return jdk.getClientSessionContext();
    }

    @Override
    protected SSLParameters engineGetDefaultSSLParameters() {
      return jdk.getDefaultSSLParameters();
    }

    @Override
    protected SSLParameters engineGetSupportedSSLParameters() {
      return jdk.getSupportedSSLParameters();
    }
  }
}
