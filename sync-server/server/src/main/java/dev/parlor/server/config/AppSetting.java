package dev.parlor.server.config;

import dev.parlor.relay.config.Setting;

/** The settings of apps and contexts. */
public enum AppSetting implements Setting {
  APPS_HOST("", "Domain of the apps' host names; none for paths. Default: localhost on loopback."),
  DEVICE_CA("", "File (JWK or PEM) with the public key of the CA of device certificates."),
  ESBUILD("", "The esbuild program, for apps in JSX or TypeScript; default: the built-in copy."),
  HANDLES_MAX("10", "Handles (user slugs) of one user."),
  APPS_MAX("10", "Apps of one user."),
  RELEASES_MAX("50", "Releases of all apps of one user; above, the oldest dev releases go."),
  APP_MEGABYTES_MAX("100", "MiB of files in the releases of one user."),
  CONTEXTS_MAX("1000", "Chat contexts of one user.");

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
