package dev.parlor.server.config;

import dev.parlor.server.address.ClientAddresses;
import java.net.URI;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;

/**
 * The checked configuration of one run of the server.
 *
 * @param host address to listen on
 * @param port port to listen on; 0 picks a free one
 * @param data absolute path of the data directory
 * @param shards division of the data directory
 * @param modelEndpoint endpoint that answers; empty for the rehearsal model
 * @param origins other origins whose pages may connect, lower case without a trailing slash; {@code
 *     *} for any
 * @param publicUrl public URL of the server without a trailing slash; empty to take it from the
 *     request
 * @param clients proxies whose header is trusted for a client's address
 * @param sockets the implementation that serves WebSockets; with TLS always Helidon
 * @param tls files for TLS; empty for plain TCP
 * @param openSync whether any client may sync non-room documents through {@code /sync}
 * @param jwt issuer whose tokens prove identities, beside the server's own tokens
 * @param adminToken token required by {@code /api/admin}; empty if a connection from this machine
 *     suffices
 * @param log level and format of the log
 * @param limits all limits
 * @param inForce settings as {@code parlor config} prints them: setting, shown text, source
 * @param notes harmless oddities, logged at start
 */
public record ServerConfig(
    String host,
    int port,
    Path data,
    Shards shards,
    Optional<ModelEndpoint> modelEndpoint,
    List<String> origins,
    Optional<URI> publicUrl,
    ClientAddresses clients,
    SocketTransport sockets,
    Optional<Tls> tls,
    boolean openSync,
    Optional<Jwt> jwt,
    Optional<Secret> adminToken,
    Log log,
    Limits limits,
    List<InForce> inForce,
    List<String> notes) {

  public ServerConfig {
    origins = List.copyOf(origins);
    inForce = List.copyOf(inForce);
    notes = List.copyOf(notes);
  }

  /**
   * The shards of the data directory.
   *
   * @param count number of shards; empty to keep the present number, or one for a new directory
   * @param without numbers of the shards to start without
   */
  public record Shards(OptionalInt count, Set<Integer> without) {
    public Shards {
      without = Set.copyOf(without);
    }

    /** All shards that exist. */
    public static Shards asTheyAre() {
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

  /**
   * An OpenAI-compatible endpoint.
   *
   * @param model the model for rooms that name none
   * @param further other models that a room may name
   */
  public record ModelEndpoint(URI url, Optional<Secret> key, String model, List<String> further) {
    public ModelEndpoint {
      further = List.copyOf(further);
    }
  }

  /**
   * An issuer of JSON Web Tokens.
   *
   * @param keys its public key as a PEM file, or the URL of its JWK set
   * @param issuer the required {@code iss}; empty for any
   * @param audience the required entry of {@code aud}; empty for any
   */
  public record Jwt(Keys keys, Optional<String> issuer, Optional<String> audience) {
    /** The source of the public keys. */
    public sealed interface Keys {
      record PemFile(Path path) implements Keys {}

      record JwksUrl(URI url) implements Keys {}
    }
  }

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

  /** One setting in force; secrets are masked. */
  public record InForce(Setting setting, String shown, String source) {}

  /**
   * Reads flags, then environment, then file, then defaults, and checks the files for TLS.
   *
   * @param flags the command line after the subcommand
   * @param workingDirectory base of relative paths
   * @throws ConfigException with all invalid settings
   */
  public static ServerConfig read(
      List<String> flags, Map<String, String> environment, Path workingDirectory)
      throws ConfigException {
    return read(flags, environment, workingDirectory, InstantSource.system());
  }

  /**
   * @param clock the time that a certificate's dates are compared with
   */
  static ServerConfig read(
      List<String> flags,
      Map<String, String> environment,
      Path workingDirectory,
      InstantSource clock)
      throws ConfigException {
    return new SettingsReader(
            new SettingSources(flags, environment, workingDirectory), workingDirectory, clock)
        .read();
  }

  /** The part of it that concerns the relay. */
  public RelayConfig relay() {
    return new RelayConfig(
        host, port, data, shards, origins, publicUrl, clients, openSync, sockets, tls, limits);
  }

  /** A copy with other limits. */
  public ServerConfig withLimits(Limits other) {
    return new ServerConfig(
        host,
        port,
        data,
        shards,
        modelEndpoint,
        origins,
        publicUrl,
        clients,
        sockets,
        tls,
        openSync,
        jwt,
        adminToken,
        log,
        other,
        inForce,
        notes);
  }

  /** The output of {@code parlor config}: name, value, source; secrets are masked. */
  public String describe() {
    var out = new StringBuilder();
    for (var one : inForce) {
      out.append(
          String.format("%-16s %-34s %s%n", one.setting.key(), one.shown, "(" + one.source + ")"));
    }
    notes.forEach(note -> out.append("note: ").append(note).append(System.lineSeparator()));
    return out.toString();
  }

  /** The part of {@code parlor --help} about settings. */
  public static String help() {
    var out = new StringBuilder();
    for (var setting : Setting.values()) {
      out.append(
          String.format(
              "  %-18s %-23s %s%s%n",
              setting.secret() ? "" : "--" + setting.key(),
              setting.variable(),
              setting.help(),
              setting.fallback().isEmpty() ? "" : " Default: " + setting.fallback() + "."));
    }
    out.append(
        String.format(
            "  %-18s %-23s %s%n",
            "--config", "PARLOR_CONFIG", "File of settings, one key = value per line."));
    return out.toString();
  }
}
