package dev.parlor.server.config;

import dev.parlor.model.config.ModelSettings;
import dev.parlor.relay.config.ConfigException;
import dev.parlor.relay.config.RelayConfig;
import dev.parlor.relay.config.Secret;
import dev.parlor.relay.config.Setting;
import dev.parlor.relay.config.SettingsReader;
import dev.parlor.relay.policy.PolicyFile;
import dev.parlor.room.limits.FixedServiceLimits;
import dev.parlor.room.limits.ServiceLimits;
import dev.parlor.server.config.ServerConfig.Jwt;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;

/**
 * Reads the settings of a server with rooms, including the settings of its relay. Used once by one
 * thread.
 */
final class ServerSettings {

  private final SettingsReader reader;
  private final Map<String, String> environment;

  ServerSettings(SettingsReader reader, Map<String, String> environment) {
    this.reader = reader;
    this.environment = environment;
  }

  ServerConfig read() throws ConfigException {
    var relay = RelayConfig.read(reader);
    var models = new ModelSettingsReader(reader, environment).read();
    var answerTokens =
        reader.number(RoomSetting.LLM_MAX_TOKENS, 0, FixedServiceLimits.MODEL_TOKENS_MAX);
    var contextTokens =
        reader.number(RoomSetting.LLM_CONTEXT, 0, FixedServiceLimits.MODEL_CONTEXT_TOKENS_MAX);
    var archiveDays = reader.number(RoomSetting.ARCHIVE_DAYS, 0, 36_500);
    var roomFiles =
        reader.notEmpty(RoomSetting.ROOM_FILES).map(_ -> reader.path(RoomSetting.ROOM_FILES));
    var oldKeys = new OldKeys(reader, reader.clock());
    var jwt = jwt(oldKeys);
    var adminToken = adminToken(RoomSetting.ADMIN_TOKEN);
    var oldAdminToken =
        oldKeys.of(
            RoomSetting.ADMIN_TOKEN_OLD,
            adminToken(RoomSetting.ADMIN_TOKEN_OLD),
            RoomSetting.ADMIN_TOKEN);
    var apps = new AppSettings(reader).read(relay, oldKeys);
    oldKeys.note().ifPresent(reader.notes()::add);
    PolicyFile.check(relay.policy(), reader);
    reader.check();
    return new ServerConfig(
        relay,
        models,
        jwt,
        adminToken,
        oldAdminToken,
        apps,
        roomFiles,
        limits(models, relay, answerTokens, contextTokens, archiveDays),
        reader.effectiveSettings(relay, shown(apps)),
        reader.notes());
  }

  private static ServiceLimits limits(
      Optional<ModelSettings> models,
      RelayConfig relay,
      int answerTokens,
      int contextTokens,
      int archiveDays) {
    var limits =
        ServiceLimits.defaults()
            .with(relay.limits())
            .withAnswerTokens(answerTokens)
            .withContextTokens(contextTokens == 0 ? Map.of() : Map.of("*", contextTokens))
            .withArchiveDays(archiveDays);
    return limits.withLeaseAtLeast(
        models.map(settings -> settings.longestCall(limits.model().totalMillisMax())).orElse(0));
  }

  /** The values to show for settings if their text differs from the value in force. */
  private Map<Setting, String> shown(AppsConfig apps) {
    var shown = new HashMap<Setting, String>();
    shown.put(AppSetting.APPS_HOST, apps.host().orElse("none"));
    shown.put(AppSetting.API_USER_RATE, Integer.toString(apps.rates().perUser()));
    shown.put(AppSetting.API_ADDRESS_RATE, Integer.toString(apps.rates().perAddress()));
    if (isPemText(reader.text(RoomSetting.JWT_KEY))) {
      shown.put(RoomSetting.JWT_KEY, "(the text of a key)");
    }
    return shown;
  }

  /** Whether a key is given as its text; an environment variable may have {@code \n} for lines. */
  private static boolean isPemText(String text) {
    return text.startsWith("-----BEGIN ");
  }

  private Optional<Jwt> jwt(OldKeys oldKeys) {
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
    var oldFile =
        reader.notEmpty(RoomSetting.JWT_KEY_OLD).map(_ -> reader.path(RoomSetting.JWT_KEY_OLD));
    var current = url.isPresent() ? RoomSetting.JWT_JWKS_URL : RoomSetting.JWT_KEY;
    var oldKey = oldKeys.of(RoomSetting.JWT_KEY_OLD, oldFile, current);
    if (isPemText(keyFile)) {
      var lines = keyFile.replace("\\n", "\n");
      return Optional.of(new Jwt(new Jwt.Keys.PemText(lines), oldKey, issuer, audience));
    }
    if (!keyFile.isEmpty()) {
      return Optional.of(
          new Jwt(
              new Jwt.Keys.PemFile(reader.path(RoomSetting.JWT_KEY)), oldKey, issuer, audience));
    }
    if (url.isEmpty() && (issuer.isPresent() || audience.isPresent())) {
      reader.problem(
          RoomSetting.JWT_KEY.variable()
              + " or "
              + RoomSetting.JWT_JWKS_URL.variable()
              + " is missing: an issuer or audience without a key checks nothing");
    }
    return url.map(uri -> new Jwt(new Jwt.Keys.JwksUrl(uri), oldKey, issuer, audience));
  }

  private Optional<Secret> adminToken(RoomSetting setting) {
    var text = reader.text(setting);
    if (text.isEmpty()) {
      return Optional.empty();
    }
    if (text.length() < FixedServiceLimits.ADMIN_TOKEN_LENGTH_MIN) {
      reader.problem(
          setting,
          "must have at least " + FixedServiceLimits.ADMIN_TOKEN_LENGTH_MIN + " characters");
    }
    return Optional.of(new Secret(text));
  }
}
