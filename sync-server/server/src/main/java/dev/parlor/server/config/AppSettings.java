package dev.parlor.server.config;

import dev.parlor.apps.limits.Quotas;
import dev.parlor.relay.config.RelayConfig;
import dev.parlor.relay.config.Setting;
import dev.parlor.relay.config.SettingsReader;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Optional;
import java.util.regex.Pattern;

/** Reads the settings of apps and contexts. Used once by one thread. */
final class AppSettings {
  private static final String NONE = "none";
  private static final long MIB = 1024L * 1024;

  /** Characters of the domain: a host name has 253, an app and its user need 62 and two dots. */
  private static final int HOST_LENGTH_MAX = 190;

  /** The highest quotas; the records of one user are listed in one piece. */
  private static final int APPS_MAX = 1_000;

  private static final int RELEASES_MAX = 5_000;
  private static final int MEGABYTES_MAX = 1_000_000;
  private static final int CONTEXTS_MAX = 1_000_000;

  private static final Pattern HOST =
      Pattern.compile("[a-z0-9]([a-z0-9-]*[a-z0-9])?(\\.[a-z0-9]([a-z0-9-]*[a-z0-9])?)*");

  private final SettingsReader reader;

  AppSettings(SettingsReader reader) {
    this.reader = reader;
  }

  AppsConfig read(RelayConfig relay) {
    return new AppsConfig(
        file(AppSetting.DEVICE_CA),
        host(relay),
        file(AppSetting.ESBUILD),
        new Quotas(
            reader.number(AppSetting.HANDLES_MAX, 1, APPS_MAX),
            reader.number(AppSetting.APPS_MAX, 1, APPS_MAX),
            reader.number(AppSetting.RELEASES_MAX, 1, RELEASES_MAX),
            reader.number(AppSetting.APP_MEGABYTES_MAX, 1, MEGABYTES_MAX) * MIB,
            reader.number(AppSetting.CONTEXTS_MAX, 1, CONTEXTS_MAX)));
  }

  private Optional<Path> file(Setting setting) {
    return reader.notEmpty(setting).map(_ -> reader.path(setting));
  }

  /** Browsers resolve every name under localhost to this machine, without DNS. */
  private Optional<String> host(RelayConfig relay) {
    var set = reader.notEmpty(AppSetting.APPS_HOST).map(text -> text.toLowerCase(Locale.ROOT));
    if (set.isEmpty()) {
      var isLocal = SettingsReader.isLoopback(relay.host()) && relay.publicUrl().isEmpty();
      return isLocal ? Optional.of("localhost") : Optional.empty();
    }
    if (set.get().equals(NONE)) {
      return Optional.empty();
    }
    if (!HOST.matcher(set.get()).matches() || set.get().length() > HOST_LENGTH_MAX) {
      reader.problem(
          AppSetting.APPS_HOST,
          "must be a domain such as apps.example.org, without scheme and port, or none");
    }
    return set;
  }
}
