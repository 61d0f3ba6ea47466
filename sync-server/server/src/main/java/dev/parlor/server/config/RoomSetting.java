package dev.parlor.server.config;

import dev.parlor.relay.config.Setting;
import java.util.List;

/** The settings that a server with rooms has in addition to the settings of its relay. */
public enum RoomSetting implements Setting {
  LLM_URL("", "Base URL of an OpenAI-compatible endpoint; default: the built-in rehearsal model."),
  LLM_KEY("", "API key of that endpoint; no flag, since others can read command lines."),
  LLM_PRESET("", "Kind of that endpoint, for example anthropic or ollama; see docs/models.md."),
  LLM_MODEL("", "Model at that endpoint; required with --llm-url without --llm-preset."),
  LLM_MODELS("", "Other models that rooms may choose, separated by commas."),
  LLM_MAX_TOKENS("0", "Token limit of answers without a token-limit card; 0 for no limit."),
  LLM_FIRST_WORD_SECONDS("", "Time for the first word of an answer. Default: 30; local: 300."),
  LLM_BETWEEN_SECONDS("", "Time between two words of an answer. Default: 30; local: 120."),
  LLM_TOTAL_SECONDS("", "Time for a whole answer. Default: 150; local: 1800."),
  MODELS("", "File (JSON) of several endpoints of models, instead of --llm-url."),
  LLM_CONTEXT("0", "Context of the models in tokens; 0 if it is unknown."),
  ROOM_FILES("", "Folder of room files (Markdown), from which people make rooms."),
  ARCHIVE_DAYS("0", "Days after which an unopened room is archived; 0 for never."),
  JWT_KEY(
      "",
      "PEM file (or its text) with the public key of a JWT issuer whose tokens prove identities."),
  JWT_JWKS_URL("", "URL of that issuer's JWK set, instead of a PEM file."),
  JWT_ISSUER("", "Required iss of a JWT; default: any."),
  JWT_AUDIENCE("", "Required aud of a JWT; if not set, tokens for other services are accepted."),
  JWT_KEY_OLD("", "PEM file with the issuer's key before, accepted until --old-keys-until."),
  ADMIN_TOKEN("", "Token required by /api/admin, at least 16 characters; no flag."),
  ADMIN_TOKEN_OLD("", "The admin token before, accepted until --old-keys-until; no flag."),
  OLD_KEYS_UNTIL("", "UTC time until which old keys and tokens count, e.g. 2027-01-31T12:00:00Z.");

  /** Names under which servers of the apps API's other implementation have the issuer's key. */
  private static final String CLERK_KEY = "CLERK_PUB_JWT_KEY";

  private static final String CLERK_URL = "CLERK_PUB_JWT_URL";

  private final String fallback;
  private final String help;

  RoomSetting(String fallback, String help) {
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

  @Override
  public boolean secret() {
    return this == LLM_KEY || this == ADMIN_TOKEN || this == ADMIN_TOKEN_OLD;
  }

  @Override
  public List<String> aliases() {
    return switch (this) {
      case JWT_KEY -> List.of(CLERK_KEY);
      case JWT_JWKS_URL -> List.of(CLERK_URL);
      default -> List.of();
    };
  }
}
