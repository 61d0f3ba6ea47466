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
 * The TCP port of a process: Helidon's web server with HTTP/1.1, HTTP/1.0 and upgrades to
 * WebSockets, over TLS or plain TCP. It can be started and stopped once.
 */
public final class WebPort {

  private final WebServer server;
  private final String host;
  private final int port;

  /**
   * Creates a web server that does not listen yet.
   *
   * @param port the port to listen on; 0 for any free port
   * @param basePath removes the base path of upgrades; the routing must have it as a filter
   * @param tls certificate and key; empty for plain TCP
   * @param upgraders the upgraders to WebSockets, by the name of the protocol
   * @param settings adds the routing and all other settings
   */
  public WebPort(
      String host,
      int port,
      BasePathRouting basePath,
      Optional<ServerCertificate> tls,
      Map<String, Http1Upgrader> upgraders,
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
                new Http10Support(http1(basePath.upgraders(upgraders)), http1(Map.of())));
    tls.ifPresent(certificate -> useTls(builder, certificate));
    settings.accept(builder);
    this.server = builder.build();
  }

  private static Http1ConnectionSelector http1(Map<String, Http1Upgrader> upgraders) {
    return Http1ConnectionSelector.builder()
        .config(Http1Config.builder().maxHeadersSize(FixedLimits.HEADERS_BYTES_MAX).build())
        .upgraders(upgraders)
        .build();
  }

  private static void useTls(WebServerConfig.Builder builder, ServerCertificate certificate) {
    var handshakeMax = Duration.ofMillis(TlsContext.HANDSHAKE_MILLIS_MAX);
    builder.tls(Tls.builder().sslContext(TlsContext.of(certificate, handshakeMax)).build());
    // With NIO channels, Helidon looks up each client's name in DNS, which blocks threads. It also
    // does not create sockets through the SSL context, which limits the time of a handshake.
    builder.useNio(false);
  }

  /**
   * Starts to accept connections.
   *
   * @throws IOException if the port is in use or the address does not belong to this machine
   */
  public void start() throws IOException {
    // Helidon's start() returns normally if it cannot listen, so check the port before.
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
