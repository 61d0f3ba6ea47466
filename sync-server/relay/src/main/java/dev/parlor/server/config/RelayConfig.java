package dev.parlor.server.config;

import dev.parlor.server.address.ClientAddresses;
import java.net.URI;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/**
 * The checked configuration of a relay.
 *
 * @param host address to listen on
 * @param port port to listen on; 0 picks a free one
 * @param data absolute path of the data directory
 * @param shards division of the data directory
 * @param origins other origins whose pages may connect, lower case without a trailing slash; {@code
 *     *} for any
 * @param publicUrl public URL of the server without a trailing slash; empty to take it from the
 *     request
 * @param clients proxies whose header is trusted for a client's address
 * @param openSync whether any client may sync documents through {@code /sync}
 * @param sockets the implementation that serves WebSockets
 * @param tls files for TLS; empty for plain TCP
 * @param limits all limits of the relay
 */
public record RelayConfig(
    String host,
    int port,
    Path data,
    ServerConfig.Shards shards,
    List<String> origins,
    Optional<URI> publicUrl,
    ClientAddresses clients,
    boolean openSync,
    SocketTransport sockets,
    Optional<ServerConfig.Tls> tls,
    Limits limits) {

  public RelayConfig {
    origins = List.copyOf(origins);
  }

  /** A relay for clients on this machine, on a free port, with all defaults. */
  public static RelayConfig onLoopback(Path data) {
    return new RelayConfig(
        "127.0.0.1",
        0,
        data,
        ServerConfig.Shards.asTheyAre(),
        List.of(),
        Optional.empty(),
        ClientAddresses.ofSockets(),
        true,
        SocketTransport.AUTO,
        Optional.empty(),
        Limits.defaults());
  }

  /** A copy that listens there. */
  public RelayConfig listeningOn(String otherHost, int otherPort) {
    return new RelayConfig(
        otherHost, otherPort, data, shards, origins, publicUrl, clients, openSync, sockets, tls,
        limits);
  }

  /** A copy with other limits. */
  public RelayConfig withLimits(Limits other) {
    return new RelayConfig(
        host, port, data, shards, origins, publicUrl, clients, openSync, sockets, tls, other);
  }
}
