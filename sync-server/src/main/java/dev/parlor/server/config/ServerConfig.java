package dev.parlor.server.config;

import dev.parlor.server.address.ClientAddresses;
import java.net.URI;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;

/**
 * Everything in force for one run of the server, checked.
 *
 * @param host address to listen on
 * @param port port to listen on; 0 picks a free one
 * @param data directory of everything that is kept, absolute
 * @param shards how the data directory is divided
 * @param modelEndpoint where answers come from; empty for the rehearsal model
 * @param origins further origins whose pages may connect, lower case without a trailing slash;
 *     {@code *} for any
 * @param publicUrl under which people reach the server, without a trailing slash; empty for what
 *     the request says
 * @param clients which proxies' word on a client's address counts
 * @param openSync whether {@code /sync} serves documents that are no rooms to anyone
 * @param jwt whose tokens prove identities, beside the server's own
 * @param adminToken what {@code /api/admin} asks for; empty when being on this machine is enough
 * @param log how much is logged, and in which form
 * @param limits every number
 * @param inForce what {@code parlor config} prints: setting, shown text, source
 * @param notes oddities that do no harm, to be logged at start
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
   * What is said about shards.
   *
   * @param count how many the data directory has, or gets; empty for what it has, or one
   * @param without numbers of those that are left out
   */
  public record Shards(OptionalInt count, Set<Integer> without) {
    public Shards {
      without = Set.copyOf(without);
    }

    /** However many there are, all of them. */
    public static Shards asTheyAre() {
      return new Shards(OptionalInt.empty(), Set.of());
    }
  }

  /**
   * An OpenAI-compatible endpoint.
   *
   * @param model asked where a room names none
   * @param further that a room may name instead
   */
  public record ModelEndpoint(URI url, Optional<Secret> key, String model, List<String> further) {
    public ModelEndpoint {
      further = List.copyOf(further);
    }
  }

  /**
   * An issuer of JSON Web Tokens.
   *
   * @param keys its public key as a PEM file, or where its JWK set is
   * @param issuer the {@code iss} that counts; empty for any
   * @param audience the {@code aud} that must be among a token's; empty for any
   */
  public record Jwt(Keys keys, Optional<String> issuer, Optional<String> audience) {
    /** Where the keys are. */
    public sealed interface Keys {
      record PemFile(Path path) implements Keys {}

      record JwksUrl(URI url) implements Keys {}
    }
  }

  /** How much is logged, and in which form. */
  public record Log(Level level, Format format) {
    /** The least that is worth a line. */
    public enum Level {
      ERROR,
      WARN,
      INFO,
      DEBUG
    }

    /** The form of a line. */
    public enum Format {
      LOGFMT,
      JSON
    }
  }

  /** One setting as it is in force; secrets are masked already. */
  public record InForce(Setting setting, String shown, String source) {}

  /**
   * Reads flags, then environment, then file, then defaults.
   *
   * @param flags the command line after the subcommand
   * @param workingDirectory against which relative paths are taken
   * @throws ConfigException naming every bad setting at once
   */
  public static ServerConfig read(
      List<String> flags, Map<String, String> environment, Path workingDirectory)
      throws ConfigException {
    return new SettingsReader(
            new SettingSources(flags, environment, workingDirectory), workingDirectory)
        .read();
  }

  /** The same with other limits. */
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
        openSync,
        jwt,
        adminToken,
        log,
        other,
        inForce,
        notes);
  }

  /** The lines of {@code parlor config}: name, value, source; secrets are masked. */
  public String describe() {
    var out = new StringBuilder();
    for (var one : inForce) {
      out.append(
          String.format("%-16s %-34s %s%n", one.setting.key(), one.shown, "(" + one.source + ")"));
    }
    notes.forEach(note -> out.append("note: ").append(note).append(System.lineSeparator()));
    return out.toString();
  }

  /** The lines of {@code parlor --help} about settings. */
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
            "--config", "PARLOR_CONFIG", "File of settings, one key = value in a line."));
    return out.toString();
  }
}
