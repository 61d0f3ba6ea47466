package dev.parlor.server.config;

import java.util.Locale;
import java.util.Optional;

/**
 * One setting. It has a flag such as {@code --llm-url}, a variable such as {@code PARLOR_LLM_URL},
 * and a key such as {@code llm-url} in the file.
 */
public enum Setting {
  HOST("127.0.0.1", "Address to listen on; 0.0.0.0 for all interfaces."),
  PORT("8787", "Port to listen on; 0 picks a free one."),
  DATA("./data", "Data directory."),
  SHARDS("", "Shards of a new data directory, 1 to 64; default: those that exist, 1 if new."),
  WITHOUT_SHARDS("", "Numbers of shards to leave out, separated by commas; default: none."),
  LLM_URL("", "Base URL of an OpenAI-compatible endpoint; default: the built-in rehearsal model."),
  LLM_KEY("", "API key of that endpoint; no flag, since others can read command lines."),
  LLM_MODEL("", "Model at that endpoint; required with --llm-url."),
  LLM_MODELS("", "Other models that rooms may choose, separated by commas."),
  LLM_MAX_TOKENS("0", "Token limit of answers without a token-limit card; 0 for no limit."),
  IDLE_SECONDS("300", "Seconds after which an unused document leaves memory."),
  ARCHIVE_DAYS("0", "Days after which an unopened room is archived; 0 for never."),
  ROOM_PEERS("1000", "Maximum number of connections to one document."),
  ORIGINS("", "Other origins whose pages may connect, separated by commas; * for any."),
  PUBLIC_URL("", "Public URL of this server, for links; default: taken from the request."),
  TRUSTED_PROXIES(
      "", "Addresses and CIDR blocks of trusted proxies, separated by commas; default: none."),
  FORWARDED_HEADER(
      "x-forwarded-for",
      "Header in which those proxies name the client: x-forwarded-for or forwarded."),
  SOCKETS("auto", "WebSockets served by: helidon, loop (plain TCP only) or auto."),
  TLS_CERT("", "PEM file with the server's certificate, then its issuers'; enables https and wss."),
  TLS_KEY("", "PEM file with that certificate's private key, without a passphrase."),
  OPEN_SYNC("", "open or closed: /sync for non-room documents; default: open on loopback only."),
  JWT_KEY("", "PEM file with the public key of a JWT issuer whose tokens prove identities."),
  JWT_JWKS_URL("", "URL of that issuer's JWK set, instead of a PEM file."),
  JWT_ISSUER("", "Required iss of a JWT; default: any."),
  JWT_AUDIENCE("", "Required aud of a JWT; if not set, tokens for other services are accepted."),
  ADMIN_TOKEN("", "Token required by /api/admin, at least 16 characters; no flag."),
  LOG("info", "Log level: error, warn, info or debug."),
  LOG_FORMAT("logfmt", "Log format: logfmt or json.");

  private final String fallback;
  private final String help;

  Setting(String fallback, String help) {
    this.fallback = fallback;
    this.help = help;
  }

  /** The name on the command line and in the file, without leading dashes. */
  public String key() {
    return name().toLowerCase(Locale.ROOT).replace('_', '-');
  }

  /** The environment variable. */
  public String variable() {
    return "PARLOR_" + name();
  }

  /** Both names, for error messages, since the operator may have used either. */
  public String both() {
    return variable() + " (--" + key() + ")";
  }

  /** The default; empty without one. */
  public String fallback() {
    return fallback;
  }

  /** One sentence for {@code --help}. */
  public String help() {
    return help;
  }

  /** Whether the value must never be shown. */
  public boolean secret() {
    return this == LLM_KEY || this == ADMIN_TOKEN;
  }

  static Optional<Setting> ofKey(String key) {
    for (var setting : values()) {
      if (setting.key().equals(key)) {
        return Optional.of(setting);
      }
    }
    return Optional.empty();
  }
}
