package dev.parlor.server.config;

import dev.parlor.model.Endpoint.ServedModel;
import dev.parlor.model.config.EndpointSettings;
import dev.parlor.model.config.ModelSettings;
import dev.parlor.model.config.ModelsFile;
import dev.parlor.model.config.Preset;
import dev.parlor.model.config.TimeSettings;
import dev.parlor.relay.config.SettingsReader;
import dev.parlor.room.limits.FixedServiceLimits;
import java.io.IOException;
import java.nio.file.Files;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;

/**
 * Reads the settings of models: one endpoint from the settings that begin with {@code llm-}, or
 * several from the file that {@code models} names. Used once by one thread.
 */
final class ModelSettingsReader {
  private final SettingsReader reader;
  private final Map<String, String> environment;

  ModelSettingsReader(SettingsReader reader, Map<String, String> environment) {
    this.reader = reader;
    this.environment = environment;
  }

  /** Empty if no endpoint is configured. */
  Optional<ModelSettings> read() {
    var times =
        new TimeSettings(
            seconds(RoomSetting.LLM_FIRST_WORD_SECONDS),
            seconds(RoomSetting.LLM_BETWEEN_SECONDS),
            seconds(RoomSetting.LLM_TOTAL_SECONDS));
    boolean hasFile = reader.notEmpty(RoomSetting.MODELS).isPresent();
    boolean hasEndpoint =
        reader.notEmpty(RoomSetting.LLM_URL).isPresent()
            || reader.notEmpty(RoomSetting.LLM_PRESET).isPresent();
    if (hasFile && hasEndpoint) {
      reader.problem(
          RoomSetting.MODELS,
          "excludes "
              + RoomSetting.LLM_URL.variable()
              + " and "
              + RoomSetting.LLM_PRESET.variable()
              + ": write that endpoint into the file");
      return Optional.empty();
    }
    if (hasFile) {
      return file(times);
    }
    return hasEndpoint ? endpoint(times) : Optional.empty();
  }

  private OptionalInt seconds(RoomSetting setting) {
    return reader.notEmpty(setting).isPresent()
        ? OptionalInt.of(reader.number(setting, 1, TimeSettings.SECONDS_MAX))
        : OptionalInt.empty();
  }

  private Optional<ModelSettings> file(TimeSettings times) {
    var path = reader.path(RoomSetting.MODELS);
    String text;
    try {
      text = Files.readString(path);
    } catch (IOException e) {
      reader.problem(RoomSetting.MODELS, "names a file that cannot be read as text in UTF-8");
      return Optional.empty();
    }
    return switch (ModelsFile.read(path.toString(), text, environment, times)) {
      case ModelsFile.Outcome.Read(var settings) -> Optional.of(settings);
      case ModelsFile.Outcome.Refused(var problems) -> {
        problems.forEach(reader::problem);
        yield Optional.empty();
      }
    };
  }

  /** The one endpoint of the settings that begin with {@code llm-}. */
  private Optional<ModelSettings> endpoint(TimeSettings times) {
    var presetName = reader.notEmpty(RoomSetting.LLM_PRESET);
    var preset = presetName.map(Preset::of).orElse(Optional.of(Preset.OPENAI_COMPATIBLE));
    if (preset.isEmpty()) {
      reader.problem(RoomSetting.LLM_PRESET, "must be one of " + Preset.names());
      return Optional.empty();
    }
    var url = reader.url(RoomSetting.LLM_URL).map(Object::toString).orElse(preset.get().url());
    if (url.isEmpty() && reader.notEmpty(RoomSetting.LLM_URL).isEmpty()) {
      reader.problem(RoomSetting.LLM_PRESET, "needs " + RoomSetting.LLM_URL.variable() + " too");
    }
    var model = reader.text(RoomSetting.LLM_MODEL);
    if (model.isEmpty() && presetName.isEmpty()) {
      reader.problem(
          RoomSetting.LLM_MODEL.variable()
              + " is missing: "
              + RoomSetting.LLM_URL.variable()
              + " needs the name of a model");
    }
    var key = key(preset.get());
    if (url.isEmpty()) {
      return Optional.empty();
    }
    var models = new ArrayList<ServedModel>();
    if (!model.isEmpty()) {
      models.add(ServedModel.named(model));
      furtherModels(model).forEach(name -> models.add(ServedModel.named(name)));
    }
    var name = presetName.orElse("default");
    return Optional.of(
        new ModelSettings(
            List.of(new EndpointSettings(name, preset.get(), url, key, models, TimeSettings.NONE)),
            Optional.empty(),
            List.of(),
            times));
  }

  /** The key, or that of the variable in which the provider's own programs keep it. */
  private String key(Preset preset) {
    var key = reader.text(RoomSetting.LLM_KEY);
    if (!key.isEmpty() || !preset.needsKey()) {
      return key;
    }
    var found = environment.getOrDefault(preset.keyVariable(), "").strip();
    if (found.isEmpty()) {
      reader.problem(
          RoomSetting.LLM_KEY.variable()
              + " is missing: the preset "
              + preset.wire()
              + " needs a key; "
              + preset.keyVariable()
              + " is accepted too");
    }
    return found;
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
}
