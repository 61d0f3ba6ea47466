package dev.parlor.bench.conformance;

import java.io.IOException;
import java.net.Socket;
import java.net.URI;
import java.util.Optional;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLSocket;

/**
 * The address of the server under test.
 *
 * @param tls the TLS context that trusts the server's certificate; empty for plain TCP
 */
record Target(String host, int port, String path, Optional<SSLContext> tls) {

  /**
   * Reads {@code ws://host:port/path} or {@code wss://host:port/path}.
   *
   * @param trust decides on the certificate of a server with TLS
   * @throws IllegalArgumentException with a sentence for the user
   */
  static Target parse(String url, SSLContext trust) {
    var uri = URI.create(url);
    var isSecure = "wss".equals(uri.getScheme());
    if ((!isSecure && !"ws".equals(uri.getScheme())) || uri.getHost() == null) {
      throw new IllegalArgumentException(
          "'" + url + "' is not of the form ws://host:port/path or wss://host:port/path");
    }
    var path = uri.getRawPath() == null || uri.getRawPath().isEmpty() ? "/" : uri.getRawPath();
    var standardPort = isSecure ? 443 : 80;
    return new Target(
        uri.getHost(),
        uri.getPort() < 0 ? standardPort : uri.getPort(),
        uri.getRawQuery() == null ? path : path + "?" + uri.getRawQuery(),
        isSecure ? Optional.of(trust) : Optional.empty());
  }

  /** The value of the Host header. */
  String authority() {
    return host + ":" + port;
  }

  /** The base of HTTP requests, and the origin of the server's own page. */
  String origin() {
    return (tls.isPresent() ? "https://" : "http://") + authority();
  }

  /** A TLS socket on the connection if the server speaks TLS; otherwise the connection itself. */
  Socket secured(Socket connection) throws IOException {
    if (tls.isEmpty()) {
      return connection;
    }
    var socket =
        (SSLSocket) tls.get().getSocketFactory().createSocket(connection, host, port, true);
    var parameters = socket.getSSLParameters();
    parameters.setEndpointIdentificationAlgorithm("HTTPS");
    socket.setSSLParameters(parameters);
    socket.startHandshake();
    return socket;
  }
}
