package dev.parlor.relay.config;

import java.io.IOException;
import java.nio.file.Files;
import java.util.Base64;
import java.util.Optional;

/** Reads the settings of webhooks. */
final class WebhookSettings {

  /** The prefix of secrets by the specification Standard Webhooks. */
  private static final String PREFIX = "whsec_";

  private static final int SECRET_BYTES_MIN = 24;
  private static final int SECRET_BYTES_MAX = 64;

  private WebhookSettings() {}

  static Optional<DocumentSettings.Webhook> read(SettingsReader reader) {
    var url = reader.url(RelaySetting.WEBHOOK_URL);
    var secret = secret(reader);
    if (url.isEmpty() && secret.isEmpty()) {
      return Optional.empty();
    }
    if (url.isEmpty() || secret.isEmpty()) {
      reader.problem(
          url.isEmpty()
              ? "a secret of webhooks is set without " + RelaySetting.WEBHOOK_URL.both()
              : RelaySetting.WEBHOOK_URL.both()
                  + " is set without "
                  + RelaySetting.WEBHOOK_SECRET.variable()
                  + " or "
                  + RelaySetting.WEBHOOK_SECRET_FILE.both()
                  + ": deliveries are always signed");
      return Optional.empty();
    }
    if (!isSecret(secret.get())) {
      reader.problem(
          (reader.isSet(RelaySetting.WEBHOOK_SECRET)
                  ? RelaySetting.WEBHOOK_SECRET.variable()
                  : RelaySetting.WEBHOOK_SECRET_FILE.both())
              + " must hold whsec_ and the Base64 of 24 to 64 random bytes; make one with: echo"
              + " whsec_$(openssl rand -base64 32)");
      return Optional.empty();
    }
    return Optional.of(new DocumentSettings.Webhook(url.get(), new Secret(secret.get())));
  }

  private static Optional<String> secret(SettingsReader reader) {
    var own = reader.notEmpty(RelaySetting.WEBHOOK_SECRET);
    if (reader.notEmpty(RelaySetting.WEBHOOK_SECRET_FILE).isEmpty()) {
      return own;
    }
    if (own.isPresent()) {
      reader.problem(
          RelaySetting.WEBHOOK_SECRET.variable()
              + " and "
              + RelaySetting.WEBHOOK_SECRET_FILE.both()
              + " exclude each other");
      return own;
    }
    try {
      return Optional.of(Files.readString(reader.path(RelaySetting.WEBHOOK_SECRET_FILE)).strip());
    } catch (IOException e) {
      reader.problem(RelaySetting.WEBHOOK_SECRET_FILE, "is not a file that can be read as text");
      return Optional.of("");
    }
  }

  private static boolean isSecret(String text) {
    if (!text.startsWith(PREFIX)) {
      return false;
    }
    try {
      var bytes = Base64.getDecoder().decode(text.substring(PREFIX.length())).length;
      return bytes >= SECRET_BYTES_MIN && bytes <= SECRET_BYTES_MAX;
    } catch (IllegalArgumentException e) {
      return false;
    }
  }
}
