package dev.parlor.relay.http;

import dev.parlor.relay.config.FixedLimits;
import dev.parlor.relay.tls.ServerCertificate;
import dev.parlor.relay.tls.TlsContext;
import io.helidon.common.tls.Tls;
import io.helidon.webserver.WebServer;
import io.helidon.webserver.WebServerConfig;
import io.helidon.webserver.http1.Http1Config;
import io.helidon.webserver.http1.Http1ConnectionSelector;
import io.helidon.webserver.http1.spi.Http1Upgrader;
import java.io.IOException;
import java.net.BindException;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;

/**
 * The port of a process: Helidon's web server with HTTP/1.1 and the upgrades of sockets, over TLS
 * or plain TCP. It starts once and stops once.
 */
public final class WebPort {

  private final WebServer server;
  private final String host;
  private final int port;

  /**
   * Creates a web server that does not listen yet.
   *
   * @param port 0 picks a free one
   * @param tls certificate and key; empty for plain TCP
   * @param sockets the upgraders of sockets, by the name of the protocol
   * @param settings adds routing and everything else
   */
  public WebPort(
      String host,
      int port,
      Optional<ServerCertificate> tls,
      Map<String, Http1Upgrader> sockets,
      Consumer<WebServerConfig.Builder> settings) {
    this.host = host;
    this.port = port;
    var builder =
        WebServer.builder()
            .host(host)
            .port(port)
            .shutdownHook(false)
            .shutdownGracePeriod(Duration.ofSeconds(2))
            // Disables Nagle's algorithm: otherwise a small write would wait up to 40 ms for the
            // acknowledgement of the previous one.
            .connectionOptions(options -> options.tcpNoDelay(true))
            .addConnectionSelector(
                Http1ConnectionSelector.builder()
                    .config(
                        Http1Config.builder().maxHeadersSize(FixedLimits.HEADERS_BYTES_MAX).build())
                    .upgraders(sockets)
                    .build());
    tls.ifPresent(certificate -> speakTls(builder, certificate));
    settings.accept(builder);
    this.server = builder.build();
  }

  private static void speakTls(WebServerConfig.Builder builder, ServerCertificate certificate) {
    var handshakeMax = Duration.ofMillis(TlsContext.HANDSHAKE_MILLIS_MAX);
    builder.tls(Tls.builder().sslContext(TlsContext.of(certificate, handshakeMax)).build());
    // With channels, Helidon looks up the name of each client in DNS, which blocks threads, and
    // does not ask the context for a socket, which limits the time of a handshake.
    builder.useNio(false);
  }

  /**
   * Starts to listen.
   *
   * @throws IOException if the port is in use or the address does not belong to this machine
   */
  public void start() throws IOException {
    // If Helidon cannot listen, it only logs that; start() returns normally.
    try (var probe = new ServerSocket()) {
      probe.setReuseAddress(true);
      probe.bind(new InetSocketAddress(host, port));
    }
    server.start();
    if (!server.isRunning()) {
      throw new BindException("the web server could not listen");
    }
  }

  /** The port that the server listens on. */
  public int port() {
    return server.port();
  }

  /** Stops accepting connections, waits briefly for running requests, then closes. */
  public void stop() {
    server.stop();
  }
}
