package dev.parlor.server;

import dev.parlor.relay.config.RelayConfig;
import java.net.URI;

/**
 * The URL under which people reach the server. The port is known when the server listens. Safe from
 * any thread.
 */
final class PublicAddress {
  private final RelayConfig config;
  private volatile int port;

  PublicAddress(RelayConfig config) {
    this.config = config;
    this.port = config.port();
  }

  /** Called once, when the server listens. */
  void listensOn(int actualPort) {
    port = actualPort;
  }

  /**
   * The public URL of the settings; without it the address that the server listens on. It ends with
   * the base path.
   */
  URI url() {
    return config.publicUrl().orElseGet(this::localUrl);
  }

  private URI localUrl() {
    var scheme = config.tls().isPresent() ? "https://" : "http://";
    var host = config.host();
    var urlHost = host.contains(":") ? "[" + host + "]" : host; // an IPv6 address has brackets
    return URI.create(scheme + urlHost + ":" + port + config.basePath().text());
  }
}
