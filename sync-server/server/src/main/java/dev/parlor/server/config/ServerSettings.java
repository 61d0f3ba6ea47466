package dev.parlor.server.config;

import dev.parlor.relay.config.ConfigException;
import dev.parlor.relay.config.RelayConfig;
import dev.parlor.relay.config.Secret;
import dev.parlor.relay.config.Setting;
import dev.parlor.relay.config.SettingsReader;
import dev.parlor.room.limits.FixedServiceLimits;
import dev.parlor.room.limits.ServiceLimits;
import dev.parlor.server.config.ServerConfig.Jwt;
import dev.parlor.server.config.ServerConfig.ModelEndpoint;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Reads the settings of a server with rooms, including the settings of its relay. Used once by one
 * thread.
 */
final class ServerSettings {

  private final SettingsReader reader;

  ServerSettings(SettingsReader reader) {
    this.reader = reader;
  }

  ServerConfig read() throws ConfigException {
    var relay = RelayConfig.read(reader);
    var endpoint = modelEndpoint();
    var answerTokens =
        reader.number(RoomSetting.LLM_MAX_TOKENS, 0, FixedServiceLimits.MODEL_TOKENS_MAX);
    var contextTokens =
        reader.number(RoomSetting.LLM_CONTEXT, 0, FixedServiceLimits.MODEL_CONTEXT_TOKENS_MAX);
    var archiveDays = reader.number(RoomSetting.ARCHIVE_DAYS, 0, 36_500);
    var jwt = jwt();
    var adminToken = adminToken();
    var apps = new AppSettings(reader).read(relay);
    reader.check();
    return new ServerConfig(
        relay,
        endpoint,
        jwt,
        adminToken,
        apps,
        ServiceLimits.defaults()
            .with(relay.limits())
            .withAnswerTokens(answerTokens)
            .withContextTokens(contextTokens == 0 ? Map.of() : Map.of("*", contextTokens))
            .withArchiveDays(archiveDays),
        reader.effectiveSettings(relay, shown(apps)),
        reader.notes());
  }

  /** The values to show for settings if their text differs from the value in force. */
  private Map<Setting, String> shown(AppsConfig apps) {
    var shown = new HashMap<Setting, String>();
    shown.put(AppSetting.APPS_HOST, apps.host().orElse("none"));
    if (isPemText(reader.text(RoomSetting.JWT_KEY))) {
      shown.put(RoomSetting.JWT_KEY, "(the text of a key)");
    }
    return shown;
  }

  /** Whether a key is given as its text; an environment variable may have {@code \n} for lines. */
  private static boolean isPemText(String text) {
    return text.startsWith("-----BEGIN ");
  }

  private Optional<ModelEndpoint> modelEndpoint() {
    var url = reader.url(RoomSetting.LLM_URL);
    var key = reader.text(RoomSetting.LLM_KEY);
    var model = reader.text(RoomSetting.LLM_MODEL);
    if (reader.text(RoomSetting.LLM_URL).isEmpty()) {
      return Optional.empty();
    }
    if (model.isEmpty()) {
      reader.problem(
          RoomSetting.LLM_MODEL.variable()
              + " is missing: "
              + RoomSetting.LLM_URL.variable()
              + " needs the name of a model");
    }
    return url.map(
        uri ->
            new ModelEndpoint(
                uri,
                key.isEmpty() ? Optional.empty() : Optional.of(new Secret(key)),
                model,
                furtherModels(model)));
  }

  /** The models that rooms may choose instead of {@code model}, the default. */
  private List<String> furtherModels(String model) {
    var models = new ArrayList<String>();
    for (var part : reader.text(RoomSetting.LLM_MODELS).split(",", -1)) {
      var name = part.strip();
      if (name.length() > FixedServiceLimits.MODEL_NAME_LENGTH_MAX) {
        reader.problem(
            RoomSetting.LLM_MODELS,
            "has a name of more than " + FixedServiceLimits.MODEL_NAME_LENGTH_MAX + " characters");
      } else if (!name.isEmpty() && !name.equals(model) && !models.contains(name)) {
        models.add(name);
      }
    }
    return models;
  }

  private Optional<Jwt> jwt() {
    var keyFile = reader.text(RoomSetting.JWT_KEY);
    var url = reader.url(RoomSetting.JWT_JWKS_URL);
    var issuer = reader.notEmpty(RoomSetting.JWT_ISSUER);
    var audience = reader.notEmpty(RoomSetting.JWT_AUDIENCE);
    if (!keyFile.isEmpty() && url.isPresent()) {
      reader.problem(
          RoomSetting.JWT_KEY,
          "and " + RoomSetting.JWT_JWKS_URL.variable() + " exclude each other");
    }
    if (url.filter(
            uri ->
                !"https".equalsIgnoreCase(uri.getScheme())
                    && !SettingsReader.isLoopback(uri.getHost()))
        .isPresent()) {
      reader.problem(
          RoomSetting.JWT_JWKS_URL,
          "must be https; otherwise an attacker on the network could replace the keys");
    }
    if (isPemText(keyFile)) {
      var lines = keyFile.replace("\\n", "\n");
      return Optional.of(new Jwt(new Jwt.Keys.PemText(lines), issuer, audience));
    }
    if (!keyFile.isEmpty()) {
      return Optional.of(
          new Jwt(new Jwt.Keys.PemFile(reader.path(RoomSetting.JWT_KEY)), issuer, audience));
    }
    if (url.isEmpty() && (issuer.isPresent() || audience.isPresent())) {
      reader.problem(
          RoomSetting.JWT_KEY.variable()
              + " or "
              + RoomSetting.JWT_JWKS_URL.variable()
              + " is missing: an issuer or audience without a key checks nothing");
    }
    return url.map(uri -> new Jwt(new Jwt.Keys.JwksUrl(uri), issuer, audience));
  }

  private Optional<Secret> adminToken() {
    var text = reader.text(RoomSetting.ADMIN_TOKEN);
    if (text.isEmpty()) {
      return Optional.empty();
    }
    if (text.length() < FixedServiceLimits.ADMIN_TOKEN_LENGTH_MIN) {
      reader.problem(
          RoomSetting.ADMIN_TOKEN,
          "must have at least " + FixedServiceLimits.ADMIN_TOKEN_LENGTH_MIN + " characters");
    }
    return Optional.of(new Secret(text));
  }
}
