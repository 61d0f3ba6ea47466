package dev.parlor.model.config;

import dev.parlor.model.Endpoint;
import dev.parlor.model.Endpoint.Limits;
import dev.parlor.model.Endpoint.ServedModel;
import dev.parlor.model.Endpoint.Timeouts;
import java.util.List;
import java.util.OptionalInt;

/**
 * One endpoint as the operator configured it. {@code toString} omits the key.
 *
 * @param models the models, the default first; empty if the endpoint is asked for its models
 * @param times the time limits that the operator set for this endpoint
 */
public record EndpointSettings(
    String name,
    Preset preset,
    String url,
    String key,
    List<ServedModel> models,
    TimeSettings times) {

  /**
   * The limit on tokens that an Anthropic endpoint gets if nothing else names one: the model's own
   * maximum is not known.
   */
  static final int ANTHROPIC_TOKENS_MAX = 8_192;

  public EndpointSettings {
    models = List.copyOf(models);
  }

  /**
   * The endpoint.
   *
   * @param discovered the models that the endpoint reported, if the settings name none
   * @param general the time limits that the operator set for all endpoints
   * @throws IllegalArgumentException with the reason, without key and URL
   */
  public Endpoint endpoint(
      List<ServedModel> discovered, TimeSettings general, Timeouts defaults, Limits limits) {
    List<ServedModel> served = models.isEmpty() ? discovered : models;
    return new Endpoint(
        name,
        preset.kind(),
        url,
        key,
        served.stream().map(this::withLimit).toList(),
        timeouts(general, defaults),
        limits);
  }

  /** The time limits: this endpoint's, then the operator's general ones, then the preset's. */
  public Timeouts timeouts(TimeSettings general, Timeouts defaults) {
    return times.or(general).or(TimeSettings.of(preset)).over(defaults);
  }

  private ServedModel withLimit(ServedModel model) {
    boolean lacksLimit = preset.kind() == Endpoint.Kind.ANTHROPIC && model.tokensMax().isEmpty();
    return lacksLimit
        ? new ServedModel(
            model.name(),
            model.id(),
            model.price(),
            model.contextTokens(),
            OptionalInt.of(ANTHROPIC_TOKENS_MAX),
            model.takesImages())
        : model;
  }

  @Override
  public String toString() {
    return name + " (" + preset.wire() + ") key " + (key.isEmpty() ? "none" : "********");
  }
}
