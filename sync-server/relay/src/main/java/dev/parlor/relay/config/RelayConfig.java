package dev.parlor.relay.config;

import dev.parlor.relay.address.BasePath;
import dev.parlor.relay.address.ClientAddresses;
import java.net.URI;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;

/**
 * The checked configuration of a relay.
 *
 * @param host address to listen on
 * @param port port to listen on; 0 picks a free one
 * @param data absolute path of the data directory
 * @param shards the shards of the data directory
 * @param cluster the cluster that has the data instead of the data directory; empty for one machine
 * @param origins other origins whose pages may connect, lower case without a trailing slash; {@code
 *     *} for any
 * @param publicUrl public URL of the server without a trailing slash; empty to take it from the
 *     request; it ends with the base path
 * @param basePath the path below which a proxy serves the server
 * @param clients proxies whose header is trusted for a client's address
 * @param sync access to the documents that are not rooms
 * @param policy rules for the content of these documents
 * @param documents settings of the documents that are not rooms
 * @param sockets the implementation that serves WebSockets
 * @param tls files for TLS; empty for plain TCP
 * @param log level and format of the log
 * @param limits all limits of the relay
 */
public record RelayConfig(
    String host,
    int port,
    Path data,
    Shards shards,
    Optional<ClusterConfig> cluster,
    List<String> origins,
    Optional<URI> publicUrl,
    BasePath basePath,
    ClientAddresses clients,
    SyncSettings sync,
    PolicySettings policy,
    DocumentSettings documents,
    SocketTransport sockets,
    Optional<Tls> tls,
    Log log,
    Limits limits) {

  public RelayConfig {
    origins = List.copyOf(origins);
  }

  /**
   * The shards of the data directory.
   *
   * @param count number of shards; empty to keep the present number, or one for a new directory
   * @param without numbers of the shards that are left out; their documents are unavailable
   */
  public record Shards(OptionalInt count, Set<Integer> without) {
    public Shards {
      without = Set.copyOf(without);
    }

    /** The shards that the directory has; one for a new directory. */
    public static Shards existing() {
      return new Shards(OptionalInt.empty(), Set.of());
    }
  }

  /**
   * The files for TLS, both in PEM. They were checked when the settings were read.
   *
   * @param certificate the server's certificate, followed by the certificates of its issuers
   * @param key the certificate's private key
   */
  public record Tls(Path certificate, Path key) {}

  /** Level and format of the log. */
  public record Log(Level level, Format format) {
    /** The lowest level that is logged. */
    public enum Level {
      ERROR,
      WARN,
      INFO,
      DEBUG
    }

    /** The format of a log line. */
    public enum Format {
      LOGFMT,
      JSON
    }
  }

  /**
   * Reads the settings of a relay; the caller checks the reader for problems, after it has read its
   * own settings.
   */
  public static RelayConfig read(SettingsReader reader) {
    return new RelaySettings(reader).read();
  }

  /** A relay for clients on this machine, on a free port, with all defaults. */
  public static RelayConfig onLoopback(Path data) {
    return new RelayConfig(
        "127.0.0.1",
        0,
        data,
        Shards.existing(),
        Optional.empty(),
        List.of(),
        Optional.empty(),
        BasePath.ROOT,
        ClientAddresses.ofSockets(),
        SyncSettings.open(),
        PolicySettings.none(),
        DocumentSettings.defaults(),
        SocketTransport.AUTO,
        Optional.empty(),
        new Log(Log.Level.INFO, Log.Format.LOGFMT),
        Limits.defaults());
  }

  /** A copy that listens on another address and port. */
  public RelayConfig listeningOn(String otherHost, int otherPort) {
    return new RelayConfig(
        otherHost, otherPort, data, shards, cluster, origins, publicUrl, basePath, clients, sync,
        policy, documents, sockets, tls, log, limits);
  }

  /** A copy with another access to documents. */
  public RelayConfig withSync(SyncSettings other) {
    return new RelayConfig(
        host, port, data, shards, cluster, origins, publicUrl, basePath, clients, other, policy,
        documents, sockets, tls, log, limits);
  }

  /** A copy with other settings of documents that are not rooms. */
  public RelayConfig withDocuments(DocumentSettings other) {
    return new RelayConfig(
        host, port, data, shards, cluster, origins, publicUrl, basePath, clients, sync, policy,
        other, sockets, tls, log, limits);
  }

  /** A copy that belongs to a cluster. */
  public RelayConfig withCluster(ClusterConfig other) {
    return new RelayConfig(
        host,
        port,
        data,
        shards,
        Optional.of(other),
        origins,
        publicUrl,
        basePath,
        clients,
        sync,
        policy,
        documents,
        sockets,
        tls,
        log,
        limits);
  }

  /** A copy with other rules for the content of documents. */
  public RelayConfig withPolicy(PolicySettings other) {
    return new RelayConfig(
        host, port, data, shards, cluster, origins, publicUrl, basePath, clients, sync, other,
        documents, sockets, tls, log, limits);
  }

  /** A copy with another implementation of WebSockets. */
  public RelayConfig withSockets(SocketTransport other) {
    return new RelayConfig(
        host, port, data, shards, cluster, origins, publicUrl, basePath, clients, sync, policy,
        documents, other, tls, log, limits);
  }

  /** A copy with other limits. */
  public RelayConfig withLimits(Limits other) {
    return new RelayConfig(
        host, port, data, shards, cluster, origins, publicUrl, basePath, clients, sync, policy,
        documents, sockets, tls, log, other);
  }
}
