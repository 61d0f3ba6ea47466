package dev.parlor.model.config;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.parlor.model.Endpoint;
import dev.parlor.model.Endpoint.Limits;
import dev.parlor.model.Endpoint.Timeouts;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

/** Tests the file of models: what it may have, and how each problem names file, line and field. */
class ModelsFileTest {
  private static final String VALID =
      """
      {
        // Two endpoints, the second one on this machine.
        "endpoints": [
          {
            "preset": "anthropic",
            "key": "env:MY_KEY",
            "models": [
              "claude-big",
              {"name": "fast", "model": "claude-small-4", "price": {"input": 1, "output": 5.5},
               "contextTokens": 200000, "maxTokens": 4096, "images": false},
            ],
            "seconds": {"firstWord": 90}
          },
          {"name": "box", "preset": "ollama", "url": "http://10.0.0.7:11434", "models": ["qwen"]}
        ],
        "default": "fast",
        "fallback": ["qwen"]
      }
      """;

  private static ModelsFile.Outcome read(String text, Map<String, String> environment) {
    return ModelsFile.read("models.json", text, environment, TimeSettings.NONE);
  }

  private static ModelSettings settings(String text, Map<String, String> environment) {
    return switch (read(text, environment)) {
      case ModelsFile.Outcome.Read(var settings) -> settings;
      case ModelsFile.Outcome.Refused(var problems) -> throw new AssertionError(problems);
    };
  }

  private static List<String> problems(String text) {
    return switch (read(text, Map.of())) {
      case ModelsFile.Outcome.Read(var settings) -> throw new AssertionError(settings);
      case ModelsFile.Outcome.Refused(var problems) -> problems;
    };
  }

  @Test
  @DisplayName("a file with two endpoints gives their keys, models, prices, limits and times")
  void validFile() {
    var settings = settings(VALID, Map.of("MY_KEY", "sk-from-environment"));
    assertEquals("fast", settings.defaultModel().orElseThrow());
    assertEquals(List.of("qwen"), settings.fallback());
    var first = settings.endpoints().getFirst();
    assertEquals("anthropic", first.name());
    assertEquals("sk-from-environment", first.key());
    Endpoint endpoint =
        first.endpoint(List.of(), TimeSettings.NONE, Timeouts.DEFAULT, Limits.DEFAULT);
    assertEquals(Endpoint.Kind.ANTHROPIC, endpoint.kind());
    assertEquals(OptionalInt.of(8_192), endpoint.models().getFirst().tokensMax());
    var fast = endpoint.models().getLast();
    assertEquals("claude-small-4", fast.id());
    assertEquals(OptionalInt.of(4_096), fast.tokensMax());
    assertEquals(200_000, fast.contextTokens().orElseThrow());
    assertFalse(fast.takesImages());
    assertEquals(6_500, fast.price().orElseThrow().micros(1_000, 1_000));
    assertEquals(Duration.ofSeconds(90), endpoint.timeouts().firstToken());
    assertEquals(Timeouts.DEFAULT.betweenTokens(), endpoint.timeouts().betweenTokens());
    var box = settings.endpoints().getLast();
    assertEquals("http://10.0.0.7:11434", box.url());
    assertEquals(
        Duration.ofMinutes(5), box.timeouts(TimeSettings.NONE, Timeouts.DEFAULT).firstToken());
  }

  @ParameterizedTest
  @EnumSource(Preset.class)
  @DisplayName("each preset needs only a key or a URL; its models may be left to the endpoint")
  void presetNeedsOnlyKeyOrUrl(Preset preset) {
    String url = preset.url().isEmpty() ? ", \"url\": \"http://127.0.0.1:1\"" : "";
    String text = "{\"endpoints\": [{\"preset\": \"" + preset.wire() + "\"" + url + "}]}";
    var settings = settings(text, Map.of(preset.keyVariable(), "sk-1"));
    var endpoint = settings.endpoints().getFirst();
    assertEquals(preset.needsKey() ? "sk-1" : "", endpoint.key());
    assertTrue(endpoint.models().isEmpty());
    if (preset.needsKey()) {
      assertEquals(
          List.of(
              "models.json line 1, endpoints[0].key: the environment variable "
                  + preset.keyVariable()
                  + " is not set; set it, or write the field key"),
          problems(text));
    }
  }

  @ParameterizedTest
  @DisplayName("each problem names the file, the line, the field and the rule")
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "\"url\": \"ftp://a\"|line 4, endpoints[0].url: the model URL must begin with http:// or https://",
        "\"url\": 7|line 4, endpoints[0].url: must be a text that is not empty",
        "\"preset\": \"opnai\"|line 4, endpoints[0].preset: must be one of openai, anthropic",
        "\"colour\": 1|line 4, endpoints[0].colour: is unknown; the fields here are key, models",
        "\"key\": \"env:NOT_SET\"|line 4, endpoints[0].key: the environment variable NOT_SET is not set",
        "\"models\": [\"a\", \"a\"]|line 4, endpoints[0].models[1]: the name a is taken by models.json line 4",
        "\"models\": [{}]|line 4, endpoints[0].models[0]: the field model is missing",
        "\"models\": [{\"model\": \"a\", \"maxTokens\": 0}]|line 4, endpoints[0].models[0].maxTokens: must be a whole number",
        "\"models\": [{\"model\": \"a\", \"price\": {\"input\": -1, \"output\": 1}}]|line 4, endpoints[0].models[0].price.input: must be a number",
        "\"seconds\": {\"total\": \"long\"}|line 4, endpoints[0].seconds.total: must be a whole number from 1 to 86400",
        "\"seconds\": 5|line 4, endpoints[0].seconds: must be an object",
        "\"key\": \"a\", \"key\": \"b\"|line 4: is not JSON here",
        "\"url\" \"x\"|line 4: is not JSON here"
      })
  void problemNamesItsPlace(String field, String problem) {
    String text =
        "{\n  \"endpoints\": [\n    {\n      "
            + field
            + (field.contains("\"url\"") ? "" : ",\n      \"url\": \"http://127.0.0.1:1\"")
            + "\n    }\n  ]\n}";
    assertTrue(
        problems(text).getFirst().startsWith("models.json " + problem), problems(text).toString());
  }

  @Test
  @DisplayName("a default or fallback that no endpoint has is a problem with its line")
  void unknownModelsAreProblems() {
    String endpoint = "{\"endpoints\": [{\"url\": \"http://127.0.0.1:1\", \"models\": [\"a\"]}],\n";
    assertEquals(
        List.of("models.json line 2, default: no endpoint has a model named b"),
        problems(endpoint + "\"default\": \"b\"}"));
    assertEquals(
        List.of("models.json line 2, fallback[1]: no endpoint has a model named c"),
        problems(endpoint + "\"fallback\": [\"a\", \"c\"]}"));
    assertEquals(
        List.of("models.json line 1, endpoints: at least one endpoint is needed"), problems("{}"));
  }

  @Test
  @DisplayName("a key is masked in the printed settings and in each problem")
  void keyIsNeverShown() {
    var settings = settings(VALID, Map.of("MY_KEY", "sk-very-secret"));
    assertFalse(settings.toString().contains("secret"), settings.toString());
    assertEquals(
        "anthropic: anthropic at https://api.anthropic.com, key ********, models claude-big, fast",
        settings.lines().getFirst());
    var problems =
        problems("{\"endpoints\": [{\"url\": \"http://a\", \"key\": \"sk-very secret\"}]}");
    assertFalse(problems.toString().contains("secret"), problems.toString());
  }

  @Test
  @DisplayName("the list of an endpoint's models gives prices and limits, the best default first")
  void reportedModels() throws Exception {
    String json =
        """
        {"data": [
          {"id": "text-embedding-3"},
          {"id": "gpt-5"},
          {"id": "gpt-4o-mini", "context_length": 128000, "max_completion_tokens": 16384,
           "pricing": {"prompt": "0.00000015", "completion": "0.0000006"},
           "architecture": {"input_modalities": ["text"]}}
        ]}
        """;
    var models = ModelDiscovery.read(json, Preset.OPENAI);
    assertEquals(List.of("gpt-4o-mini", "gpt-5"), models.stream().map(m -> m.name()).toList());
    var mini = models.getFirst();
    assertEquals(750_000, mini.price().orElseThrow().micros(1_000_000, 1_000_000));
    assertEquals(OptionalInt.of(128_000), mini.contextTokens());
    assertEquals(OptionalInt.of(16_384), mini.tokensMax());
    assertFalse(mini.takesImages());
    assertTrue(models.getLast().takesImages());
  }
}
