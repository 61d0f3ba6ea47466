package dev.parlor.server.config;

import dev.parlor.model.config.ModelSettings;
import dev.parlor.relay.config.ConfigException;
import dev.parlor.relay.config.EffectiveSetting;
import dev.parlor.relay.config.RelayConfig;
import dev.parlor.relay.config.RelaySetting;
import dev.parlor.relay.config.Secret;
import dev.parlor.relay.config.Setting;
import dev.parlor.relay.config.SettingSources;
import dev.parlor.relay.config.SettingsReader;
import dev.parlor.room.limits.ServiceLimits;
import dev.parlor.room.template.RoomFolder;
import java.net.URI;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * The validated configuration of one run of the server with rooms.
 *
 * @param relay the configuration of the relay; its limits equal the relay limits in {@code limits}
 * @param models the endpoints of models; empty for the rehearsal model
 * @param jwt issuer whose tokens prove identities, in addition to the server's own tokens
 * @param adminToken token required by {@code /api/admin}; empty if a connection from this machine
 *     suffices
 * @param oldAdminToken the admin token before a rotation; empty for none
 * @param apps apps and contexts
 * @param roomFiles the folder of room files; empty for none
 * @param limits all limits
 * @param effectiveSettings settings as {@code parlor config} prints them: setting, shown text,
 *     source
 * @param notes warnings about unusual but valid settings, logged at start
 */
public record ServerConfig(
    RelayConfig relay,
    Optional<ModelSettings> models,
    Optional<Jwt> jwt,
    Optional<Secret> adminToken,
    Optional<Temporary<Secret>> oldAdminToken,
    AppsConfig apps,
    Optional<Path> roomFiles,
    ServiceLimits limits,
    List<EffectiveSetting> effectiveSettings,
    List<String> notes) {

  public ServerConfig {
    effectiveSettings = List.copyOf(effectiveSettings);
    notes = List.copyOf(notes);
  }

  /**
   * An issuer of JSON Web Tokens.
   *
   * @param keys its public key as a PEM file, or the URL of its JWK set
   * @param oldKey the PEM file with the key before a rotation; empty for none
   * @param issuer the required {@code iss}; empty for any
   * @param audience the required entry of {@code aud}; empty for any
   */
  public record Jwt(
      Keys keys,
      Optional<Temporary<Path>> oldKey,
      Optional<String> issuer,
      Optional<String> audience) {
    /** The source of the public keys. */
    public sealed interface Keys {
      record PemFile(Path path) implements Keys {}

      /** The text of a PEM file, as some programs have it in an environment variable. */
      record PemText(String text) implements Keys {}

      record JwksUrl(URI url) implements Keys {}
    }
  }

  /**
   * Reads all settings. Flags override the environment, which overrides the file, which overrides
   * the defaults.
   *
   * @param flags the command line after the command
   * @param workingDirectory base of relative paths
   * @throws ConfigException with all invalid settings
   */
  public static ServerConfig read(
      List<String> flags, Map<String, String> environment, Path workingDirectory)
      throws ConfigException {
    return read(flags, environment, workingDirectory, InstantSource.system());
  }

  /** Reads with a clock, against which the validity dates of the TLS certificate are checked. */
  static ServerConfig read(
      List<String> flags,
      Map<String, String> environment,
      Path workingDirectory,
      InstantSource clock)
      throws ConfigException {
    var sources = new SettingSources(settings(), flags, environment, workingDirectory);
    var reader = new SettingsReader(sources, workingDirectory, clock);
    return new ServerSettings(reader, environment).read();
  }

  /** The settings of the relay, then of the rooms, then of apps. */
  static List<Setting> settings() {
    var all = new ArrayList<Setting>(List.of(RelaySetting.values()));
    all.addAll(List.of(RoomSetting.values()));
    all.addAll(List.of(AppSetting.values()));
    return all;
  }

  /** A copy with other limits. */
  public ServerConfig withLimits(ServiceLimits other) {
    return new ServerConfig(
        relay.withLimits(other.relay()),
        models,
        jwt,
        adminToken,
        oldAdminToken,
        apps,
        roomFiles,
        other,
        effectiveSettings,
        notes);
  }

  /** The output of {@code parlor config}: name, value, source; secrets are masked. */
  public String describe() {
    var endpoints = new StringBuilder();
    models
        .map(ModelSettings::lines)
        .orElse(List.of())
        .forEach(line -> endpoints.append("endpoint ").append(line).append(System.lineSeparator()));
    return EffectiveSetting.describe(effectiveSettings, notes)
        + endpoints
        + roomFiles.map(ServerConfig::describeRoomFiles).orElse("");
  }

  private static String describeRoomFiles(Path folder) {
    var listing = RoomFolder.readOnce(folder);
    var lines = new StringBuilder();
    listing.usable().stream()
        .map(file -> "room file " + file.id() + ": " + file.name())
        .forEach(line -> lines.append(line).append(System.lineSeparator()));
    listing.problems().stream()
        .map(problem -> "room file not offered: " + problem)
        .forEach(line -> lines.append(line).append(System.lineSeparator()));
    return lines.toString();
  }

  /** The part of {@code parlor --help} about settings. */
  public static String help() {
    return EffectiveSetting.help(settings());
  }
}
