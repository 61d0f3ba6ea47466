package dev.parlor.server.config;

import dev.parlor.apps.api.RequestLog;
import dev.parlor.apps.limits.Quotas;
import dev.parlor.apps.rate.RequestRates;
import dev.parlor.apps.transform.OutsidePackages;
import dev.parlor.relay.config.RelayConfig;
import dev.parlor.relay.config.Setting;
import dev.parlor.relay.config.SettingsReader;
import java.nio.file.Path;
import java.util.Arrays;
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

  /** Requests in a second, if the operator sets no rate and the server is not local. */
  private static final int USER_RATE = 50;

  private static final int ADDRESS_RATE = 200;
  private static final int RATE_MAX = 100_000;

  private static final Pattern HOST =
      Pattern.compile("[a-z0-9]([a-z0-9-]*[a-z0-9])?(\\.[a-z0-9]([a-z0-9-]*[a-z0-9])?)*");

  private final SettingsReader reader;

  AppSettings(SettingsReader reader) {
    this.reader = reader;
  }

  AppsConfig read(RelayConfig relay, OldKeys oldKeys) {
    return new AppsConfig(
        file(AppSetting.DEVICE_CA),
        oldKeys.of(AppSetting.DEVICE_CA_OLD, file(AppSetting.DEVICE_CA_OLD), AppSetting.DEVICE_CA),
        revokedDevices(),
        host(relay),
        file(AppSetting.ESBUILD),
        new Quotas(
            reader.number(AppSetting.HANDLES_MAX, 1, APPS_MAX),
            reader.number(AppSetting.APPS_MAX, 1, APPS_MAX),
            reader.number(AppSetting.RELEASES_MAX, 1, RELEASES_MAX),
            reader.number(AppSetting.APP_MEGABYTES_MAX, 1, MEGABYTES_MAX) * MIB,
            reader.number(AppSetting.CONTEXTS_MAX, 1, CONTEXTS_MAX)),
        new RequestRates.Limits(
            rate(AppSetting.API_USER_RATE, USER_RATE, relay),
            rate(AppSetting.API_ADDRESS_RATE, ADDRESS_RATE, relay)),
        requestLog(),
        outsidePackages());
  }

  private Optional<OutsidePackages> outsidePackages() {
    var base = reader.url(AppSetting.APPS_PACKAGES);
    var allowed =
        reader.notEmpty(AppSetting.APPS_PACKAGES_ALLOWED).stream()
            .flatMap(text -> Arrays.stream(text.split(",", -1)))
            .map(String::strip)
            .toList();
    if (base.isEmpty() != allowed.isEmpty()) {
      reader.problem(
          AppSetting.APPS_PACKAGES.variable()
              + " and "
              + AppSetting.APPS_PACKAGES_ALLOWED.variable()
              + " need each other: only listed packages are loaded from another host");
    }
    if (base.isEmpty() || allowed.isEmpty()) {
      return Optional.empty();
    }
    if (!OutsidePackages.isBase(base.get())) {
      reader.problem(
          AppSetting.APPS_PACKAGES,
          "must be an https URL without ; , and ', such as https://esm.sh/");
      return Optional.empty();
    }
    try {
      return Optional.of(OutsidePackages.of(base.get(), allowed));
    } catch (IllegalArgumentException e) {
      reader.problem(AppSetting.APPS_PACKAGES_ALLOWED.variable() + " " + e.getMessage());
      return Optional.empty();
    }
  }

  /**
   * On loopback every client is a program of this machine's owner, and all share one address, so
   * there is no limit. Behind a proxy the server also listens on loopback, but has a public URL.
   */
  private int rate(Setting setting, int fallback, RelayConfig relay) {
    return reader.notEmpty(setting).isPresent()
        ? reader.number(setting, 0, RATE_MAX)
        : isLocal(relay) ? 0 : fallback;
  }

  private static boolean isLocal(RelayConfig relay) {
    return SettingsReader.isLoopback(relay.host()) && relay.publicUrl().isEmpty();
  }

  private RequestLog.Level requestLog() {
    return switch (reader.text(AppSetting.API_LOG).toLowerCase(Locale.ROOT)) {
      case "all" -> RequestLog.Level.ALL;
      case "refused" -> RequestLog.Level.REFUSED;
      case NONE -> RequestLog.Level.NONE;
      default -> {
        reader.problem(AppSetting.API_LOG, "must be all, refused or none");
        yield RequestLog.Level.ALL;
      }
    };
  }

  private Optional<Path> revokedDevices() {
    var file = file(AppSetting.DEVICE_REVOKED);
    if (file.isPresent() && reader.notEmpty(AppSetting.DEVICE_CA).isEmpty()) {
      reader.problem(
          AppSetting.DEVICE_REVOKED.variable()
              + " is set without "
              + AppSetting.DEVICE_CA.variable()
              + ": without a CA no device is accepted");
    }
    return file;
  }

  private Optional<Path> file(Setting setting) {
    return reader.notEmpty(setting).map(_ -> reader.path(setting));
  }

  /** Browsers resolve every name under localhost to this machine, without DNS. */
  private Optional<String> host(RelayConfig relay) {
    var set = reader.notEmpty(AppSetting.APPS_HOST).map(text -> text.toLowerCase(Locale.ROOT));
    if (set.isEmpty()) {
      return isLocal(relay) ? Optional.of("localhost") : Optional.empty();
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
