package dev.parlor.server.config;

import java.util.Locale;
import java.util.Optional;

/**
 * One thing that can be set: as flag {@code --llm-url}, as variable {@code PARLOR_LLM_URL}, and as
 * key {@code llm-url} of the file.
 */
public enum Setting {
  HOST("127.0.0.1", "Address to listen on; 0.0.0.0 for every interface."),
  PORT("8787", "Port to listen on; 0 picks a free one."),
  DATA("./data", "Directory of everything that is kept."),
  SHARDS(
      "",
      "Shards that a new data directory gets, 1 to 64; without, as it is, and 1 for a new one."),
  WITHOUT_SHARDS("", "Shards to start without, by number with commas between; all without."),
  LLM_URL("", "Base URL of an OpenAI-compatible endpoint; without it the rehearsal model answers."),
  LLM_KEY("", "Key of that endpoint; not a flag, since others can read command lines."),
  LLM_MODEL("", "Name of the model at that endpoint; needed with a URL."),
  LLM_MODELS("", "Further models there that rooms may choose, with commas between."),
  LLM_MAX_TOKENS(
      "0", "Most tokens asked of that endpoint for an answer that no card limits; 0 for no limit."),
  IDLE_SECONDS("300", "Seconds after which a document nobody uses leaves memory."),
  ARCHIVE_DAYS("0", "Days that nobody opens a room until it goes into the archive; 0 for never."),
  ROOM_PEERS("1000", "How many connections one document takes."),
  ORIGINS("", "Further origins whose pages may connect, with commas between; * for any."),
  PUBLIC_URL("", "URL under which people reach this server, for links; from the request without."),
  TRUSTED_PROXIES(
      "",
      "Addresses and blocks of proxies, with commas between, whose header names the client; none"
          + " without."),
  FORWARDED_HEADER(
      "x-forwarded-for",
      "The header of those proxies that counts: x-forwarded-for or forwarded; no other does."),
  OPEN_SYNC("", "open or closed: /sync for documents that are no rooms; open on loopback only."),
  JWT_KEY("", "PEM file with the public key of an issuer whose JSON Web Tokens prove identities."),
  JWT_JWKS_URL("", "URL of such an issuer's keys as a JWK set, instead of one key in a file."),
  JWT_ISSUER("", "The iss that such a token must have; any without."),
  JWT_AUDIENCE("", "The aud that such a token must have; set it, or tokens for others count here."),
  ADMIN_TOKEN("", "What /api/admin asks for, 16 characters or more; not a flag."),
  LOG("info", "How much is logged: error, warn, info or debug."),
  LOG_FORMAT("logfmt", "Form of a log line: logfmt or json.");

  private final String fallback;
  private final String help;

  Setting(String fallback, String help) {
    this.fallback = fallback;
    this.help = help;
  }

  /** The name on the command line and in the file, without dashes in front. */
  public String key() {
    return name().toLowerCase(Locale.ROOT).replace('_', '-');
  }

  /** The environment variable. */
  public String variable() {
    return "PARLOR_" + name();
  }

  /** Both names, for a sentence to somebody who may have used either. */
  public String both() {
    return variable() + " (--" + key() + ")";
  }

  /** The default, empty when there is none. */
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
