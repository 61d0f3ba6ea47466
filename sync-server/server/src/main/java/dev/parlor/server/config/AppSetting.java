package dev.parlor.server.config;

import dev.parlor.relay.config.Setting;

/** The settings of apps and contexts. */
public enum AppSetting implements Setting {
  APPS_HOST("", "Domain of the apps' host names; none for paths. Default: localhost on loopback."),
  APPS_PACKAGES("", "URL from which browsers load further packages, e.g. https://esm.sh/."),
  APPS_PACKAGES_ALLOWED("", "Those packages, separated by commas: name or name@version."),
  DEVICE_CA("", "File (JWK or PEM) with the public key of the CA of device certificates."),
  DEVICE_CA_OLD("", "File with the public key of the CA before, accepted until --old-keys-until."),
  DEVICE_REVOKED("", "File with the revoked device certificates, by serial or key thumbprint."),
  ESBUILD("", "The esbuild program, for apps in JSX or TypeScript; default: the built-in copy."),
  HANDLES_MAX("10", "Handles (user slugs) of one user."),
  APPS_MAX("10", "Apps of one user."),
  RELEASES_MAX("50", "Releases of all apps of one user; above, the oldest dev releases go."),
  APP_MEGABYTES_MAX("100", "MiB of files in the releases of one user."),
  CONTEXTS_MAX("1000", "Chat contexts of one user."),
  API_USER_RATE("", "API requests a second of one user; 0: no limit. Default: 50; 0 on loopback."),
  API_ADDRESS_RATE("", "The same of one address, any user. Default: 200; 0 on loopback."),
  API_LOG("all", "API requests with a log line at level info: all, refused or none.");

  private final String fallback;
  private final String help;

  AppSetting(String fallback, String help) {
    this.fallback = fallback;
    this.help = help;
  }

  @Override
  public String fallback() {
    return fallback;
  }

  @Override
  public String help() {
    return help;
  }
}
