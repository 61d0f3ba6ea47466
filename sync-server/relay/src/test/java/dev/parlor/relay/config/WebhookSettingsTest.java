package dev.parlor.relay.config;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The settings of webhooks and of deleted documents. */
class WebhookSettingsTest {
  private static final String SECRET = "whsec_MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY=";

  @TempDir private Path folder = Path.of("replaced by JUnit");

  private DocumentSettings read(Map<String, String> environment) throws ConfigException {
    return read(environment, List.of());
  }

  private DocumentSettings read(Map<String, String> environment, List<String> shown)
      throws ConfigException {
    var sources =
        new SettingSources(List.of(RelaySetting.values()), List.of(), environment, folder);
    var reader = new SettingsReader(sources, folder, InstantSource.system());
    var config = RelayConfig.read(reader);
    reader.check();
    for (var line : reader.effectiveSettings(config, Map.of())) {
      shown.forEach(text -> assertFalse(line.toString().contains(text), line.toString()));
    }
    return config.documents();
  }

  private String problem(Map<String, String> environment) {
    var failure = assertThrows(ConfigException.class, () -> read(environment));
    return String.valueOf(failure.getMessage());
  }

  @Test
  @DisplayName(
      "the secret of webhooks is read from a variable or a file, and no output of the settings"
          + " shows it")
  void secretFromVariableOrFile() throws Exception {
    assertEquals(DocumentSettings.defaults(), read(Map.of()));
    Files.writeString(folder.resolve("secret"), SECRET + "\n");
    var url = Map.entry("PARLOR_WEBHOOK_URL", "https://app.example/hook");
    for (var secret :
        List.of(
            Map.entry("PARLOR_WEBHOOK_SECRET", SECRET),
            Map.entry("PARLOR_WEBHOOK_SECRET_FILE", "secret"))) {
      var settings = read(Map.ofEntries(url, secret), List.of(SECRET));
      var webhook = settings.webhook().orElseThrow();
      assertEquals(URI.create("https://app.example/hook"), webhook.url());
      assertEquals(SECRET, webhook.secret().value());
      assertFalse(settings.toString().contains(SECRET), settings.toString());
    }
    assertEquals(Duration.ZERO, read(Map.of("PARLOR_DELETED_DAYS", "0")).deletedKept());
  }

  @Test
  @DisplayName("an unusable setting of webhooks is reported by its name, without the secret")
  void problems() {
    var url = Map.entry("PARLOR_WEBHOOK_URL", "https://app.example/hook");
    assertTrue(problem(Map.ofEntries(url)).contains("PARLOR_WEBHOOK_SECRET_FILE"));
    assertTrue(
        problem(Map.of("PARLOR_WEBHOOK_SECRET", SECRET)).contains("without PARLOR_WEBHOOK_URL"));
    for (var invalid : List.of("guessme", "whsec_guessme", "whsec_%%%", "whsec_c2hvcnQ=")) {
      var text = problem(Map.ofEntries(url, Map.entry("PARLOR_WEBHOOK_SECRET", invalid)));
      assertTrue(text.contains("PARLOR_WEBHOOK_SECRET must hold whsec_"), text);
      assertFalse(text.contains(invalid), text);
    }
    assertTrue(
        problem(Map.ofEntries(url, Map.entry("PARLOR_WEBHOOK_SECRET_FILE", "missing")))
            .contains("--webhook-secret-file"));
    assertTrue(problem(Map.of("PARLOR_DELETED_DAYS", "-1")).contains("PARLOR_DELETED_DAYS"));
  }
}
