package dev.parlor.model.config;

import com.fasterxml.jackson.databind.JsonNode;
import dev.parlor.model.Endpoint;
import dev.parlor.model.Endpoint.Price;
import dev.parlor.model.Endpoint.ServedModel;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalInt;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Reads the file of models: JSON with comments. Collects all problems, each with the file, the line
 * and the field; no problem quotes a key. Used once by one thread.
 */
public final class ModelsFile {
  private static final String FROM_ENVIRONMENT = "env:";
  private static final int TOKENS_MAX = 10_000_000;
  private static final int NAME_LENGTH_MAX = 256;

  /** Endpoints of one file, and models of one endpoint; above: a problem. */
  private static final int ENTRIES_MAX = 100;

  private final JsonLines json;
  private final Map<String, String> environment;
  private final List<String> problems = new ArrayList<>();

  /** The path of the entry that has each name of a model. */
  private final Map<String, String> modelPaths = new HashMap<>();

  private ModelsFile(JsonLines json, Map<String, String> environment) {
    this.json = json;
    this.environment = environment;
  }

  /** The outcome of reading a file. */
  public sealed interface Outcome {
    record Read(ModelSettings settings) implements Outcome {}

    record Refused(List<String> problems) implements Outcome {
      public Refused {
        problems = List.copyOf(problems);
      }
    }
  }

  /**
   * Reads the text of a file.
   *
   * @param file the file's name, for problems
   * @param environment the variables that the file may name
   * @param times the time limits that the operator set for all endpoints
   */
  public static Outcome read(
      String file, String text, Map<String, String> environment, TimeSettings times) {
    JsonLines json;
    switch (JsonLines.parse(file, text)) {
      case JsonLines.Parsed.Refused(String problem) -> {
        return new Outcome.Refused(List.of(problem));
      }
      case JsonLines.Parsed.Ok(JsonLines lines) -> json = lines;
    }
    var reader = new ModelsFile(json, environment);
    ModelSettings settings = reader.settings(times);
    return reader.problems.isEmpty()
        ? new Outcome.Read(settings)
        : new Outcome.Refused(reader.problems);
  }

  private void problem(String path, String sentence) {
    problems.add(json.place(path) + ": " + sentence);
  }

  private ModelSettings settings(TimeSettings times) {
    JsonNode root = json.root();
    fields(root, "", Set.of("endpoints", "default", "fallback"));
    List<EndpointSettings> endpoints = new ArrayList<>();
    Map<String, String> names = new LinkedHashMap<>();
    JsonNode list = array(root, "", "endpoints");
    if (list.isEmpty()) {
      problem("/endpoints", "at least one endpoint is needed");
    }
    for (int i = 0; i < list.size(); i++) {
      String path = "/endpoints/" + i;
      endpoint(list.get(i), path).ifPresent(endpoints::add);
      if (!endpoints.isEmpty() && names.put(endpoints.getLast().name(), path) != null) {
        problem(path, "two endpoints have the name " + endpoints.getLast().name());
      }
    }
    // Models that an endpoint reports itself are known only at start.
    boolean knowsAll = endpoints.stream().noneMatch(endpoint -> endpoint.models().isEmpty());
    Optional<String> defaultModel = text(root, "", "default");
    defaultModel.ifPresent(name -> requireModel(name, "/default", knowsAll));
    List<String> fallback = new ArrayList<>();
    JsonNode order = array(root, "", "fallback");
    for (int i = 0; i < order.size(); i++) {
      String name = order.get(i).asText("");
      requireModel(name, "/fallback/" + i, knowsAll);
      fallback.add(name);
    }
    return endpoints.isEmpty()
        ? new ModelSettings(List.of(), defaultModel, fallback, times)
        : new ModelSettings(endpoints, defaultModel, fallback, times);
  }

  private void requireModel(String name, String path, boolean knowsAll) {
    if (knowsAll && problems.isEmpty() && !modelPaths.containsKey(name)) {
      problem(path, "no endpoint has a model named " + name);
    }
  }

  private Optional<EndpointSettings> endpoint(JsonNode node, String path) {
    if (!node.isObject()) {
      problem(path, "must be an object, such as {\"preset\": \"ollama\"}");
      return Optional.empty();
    }
    fields(node, path, Set.of("name", "preset", "url", "key", "models", "seconds"));
    String wire = text(node, path, "preset").orElse(Preset.OPENAI_COMPATIBLE.wire());
    Optional<Preset> preset = Preset.of(wire);
    if (preset.isEmpty()) {
      problem(path + "/preset", "must be one of " + Preset.names());
      return Optional.empty();
    }
    String name = text(node, path, "name").orElse(wire);
    String url = text(node, path, "url").orElse(preset.get().url());
    if (url.isEmpty()) {
      problem(path, "the field url is missing; the preset " + wire + " has no URL of its own");
      return Optional.empty();
    }
    List<ServedModel> models = models(node, path, preset.get());
    var settings =
        new EndpointSettings(
            name, preset.get(), url, key(node, path, preset.get()), models, times(node, path));
    check(settings, path);
    return Optional.of(settings);
  }

  /** Checks URL and key by making the endpoint. */
  private void check(EndpointSettings settings, String path) {
    try {
      var _ =
          settings.endpoint(
              List.of(ServedModel.named("any")),
              TimeSettings.NONE,
              Endpoint.Timeouts.DEFAULT,
              Endpoint.Limits.DEFAULT);
    } catch (IllegalArgumentException e) {
      String reason = String.valueOf(e.getMessage());
      problem(path + (reason.contains("URL") ? "/url" : "/key"), reason);
    }
  }

  private String key(JsonNode node, String path, Preset preset) {
    Optional<String> text = text(node, path, "key");
    String variable =
        text.filter(key -> key.startsWith(FROM_ENVIRONMENT))
            .map(key -> key.substring(FROM_ENVIRONMENT.length()))
            .orElse(preset.keyVariable());
    if (text.isPresent() && !text.get().startsWith(FROM_ENVIRONMENT)) {
      return text.get();
    }
    String key = variable.isEmpty() ? "" : environment.getOrDefault(variable, "").strip();
    if (key.isEmpty() && (text.isPresent() || preset.needsKey())) {
      problem(
          path + "/key",
          "the environment variable "
              + variable
              + " is not set"
              + (text.isPresent() ? "" : "; set it, or write the field key"));
    }
    return key;
  }

  private List<ServedModel> models(JsonNode node, String path, Preset preset) {
    JsonNode list = array(node, path, "models");
    List<ServedModel> models = new ArrayList<>();
    for (int i = 0; i < list.size(); i++) {
      String modelPath = path + "/models/" + i;
      model(list.get(i), modelPath)
          .ifPresent(
              model -> {
                models.add(model);
                String earlier = modelPaths.put(model.name(), modelPath);
                if (earlier != null) {
                  problem(
                      modelPath,
                      "the name "
                          + model.name()
                          + " is taken by "
                          + json.place(earlier)
                          + "; give this model another name: {\"name\": .., \"model\": .. }");
                }
              });
    }
    if (preset == Preset.OPENAI_COMPATIBLE && models.isEmpty() && node.has("models")) {
      problem(path + "/models", "is empty; leave the field out to ask the endpoint for its models");
    }
    return models;
  }

  private Optional<ServedModel> model(JsonNode node, String path) {
    if (node.isTextual() && isName(node.textValue())) {
      return Optional.of(ServedModel.named(node.textValue()));
    }
    if (!node.isObject()) {
      problem(path, "must be the name of a model, of 1 to 256 characters, or an object");
      return Optional.empty();
    }
    fields(node, path, Set.of("name", "model", "price", "contextTokens", "maxTokens", "images"));
    Optional<String> id = text(node, path, "model").or(() -> text(node, path, "name"));
    if (id.isEmpty() || !isName(id.get())) {
      problem(path, "the field model is missing: the provider's name of the model");
      return Optional.empty();
    }
    return Optional.of(
        new ServedModel(
            text(node, path, "name").orElse(id.get()),
            id.get(),
            price(node, path),
            number(node, path, "contextTokens", TOKENS_MAX),
            number(node, path, "maxTokens", TOKENS_MAX),
            truth(node, path, "images")));
  }

  private static boolean isName(String name) {
    return !name.isBlank() && name.length() <= NAME_LENGTH_MAX;
  }

  private Optional<Price> price(JsonNode node, String path) {
    JsonNode price = node.path("price");
    if (price.isMissingNode()) {
      return Optional.empty();
    }
    String at = path + "/price";
    if (!price.isObject()) {
      problem(at, "must be {\"input\": .., \"output\": ..}, in US dollars per million tokens");
      return Optional.empty();
    }
    fields(price, at, Set.of("input", "output"));
    OptionalDouble input = amount(price, at, "input");
    OptionalDouble output = amount(price, at, "output");
    return input.isPresent() && output.isPresent()
        ? Optional.of(new Price(input.getAsDouble(), output.getAsDouble()))
        : Optional.empty();
  }

  private OptionalDouble amount(JsonNode node, String path, String field) {
    JsonNode amount = node.path(field);
    if (!amount.isNumber() || amount.doubleValue() < 0 || amount.doubleValue() > 1_000_000) {
      problem(path + "/" + field, "must be a number of US dollars from 0 to 1000000");
      return OptionalDouble.empty();
    }
    return OptionalDouble.of(amount.doubleValue());
  }

  private TimeSettings times(JsonNode node, String path) {
    JsonNode seconds = node.path("seconds");
    if (seconds.isMissingNode()) {
      return TimeSettings.NONE;
    }
    String at = path + "/seconds";
    if (!seconds.isObject()) {
      problem(at, "must be an object with firstWord, betweenWords and total");
      return TimeSettings.NONE;
    }
    fields(seconds, at, Set.of("firstWord", "betweenWords", "total"));
    int most = TimeSettings.SECONDS_MAX;
    return new TimeSettings(
        number(seconds, at, "firstWord", most),
        number(seconds, at, "betweenWords", most),
        number(seconds, at, "total", most));
  }

  // Values.

  private void fields(JsonNode node, String path, Set<String> known) {
    node.fieldNames()
        .forEachRemaining(
            field -> {
              if (!known.contains(field)) {
                problem(
                    path + "/" + field,
                    "is unknown; the fields here are "
                        + String.join(", ", known.stream().sorted().toList()));
              }
            });
  }

  private JsonNode array(JsonNode node, String path, String field) {
    JsonNode value = node.path(field);
    if (value.isArray() && value.size() <= ENTRIES_MAX) {
      return value;
    }
    if (!value.isMissingNode()) {
      problem(path + "/" + field, "must be a list of at most " + ENTRIES_MAX + " entries");
    }
    return json.emptyList();
  }

  private Optional<String> text(JsonNode node, String path, String field) {
    JsonNode value = node.path(field);
    @Nullable String text = value.textValue();
    if (text != null && !text.isBlank()) {
      return Optional.of(text.strip());
    }
    if (!value.isMissingNode()) {
      problem(path + "/" + field, "must be a text that is not empty");
    }
    return Optional.empty();
  }

  private OptionalInt number(JsonNode node, String path, String field, int most) {
    JsonNode value = node.path(field);
    if (value.isMissingNode()) {
      return OptionalInt.empty();
    }
    if (!value.isInt() || value.intValue() < 1 || value.intValue() > most) {
      problem(path + "/" + field, "must be a whole number from 1 to " + most);
      return OptionalInt.empty();
    }
    return OptionalInt.of(value.intValue());
  }

  private boolean truth(JsonNode node, String path, String field) {
    JsonNode value = node.path(field);
    if (!value.isMissingNode() && !value.isBoolean()) {
      problem(path + "/" + field, "must be true or false");
    }
    return value.asBoolean(true);
  }
}
