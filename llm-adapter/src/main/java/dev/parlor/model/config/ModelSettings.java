package dev.parlor.model.config;

import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;

/**
 * The models as the operator configured them, before any endpoint is asked.
 *
 * @param endpoints never empty
 * @param defaultModel the model of rooms that choose none; empty for the first one
 * @param fallback models to ask in this order if the chosen one fails before its first word
 * @param times the time limits that the operator set for all endpoints
 */
public record ModelSettings(
    List<EndpointSettings> endpoints,
    Optional<String> defaultModel,
    List<String> fallback,
    TimeSettings times) {

  public ModelSettings {
    endpoints = List.copyOf(endpoints);
    fallback = List.copyOf(fallback);
  }

  /** One line for each endpoint, for the command {@code config}; keys are masked. */
  public List<String> lines() {
    return endpoints.stream().map(ModelSettings::line).toList();
  }

  private static String line(EndpointSettings endpoint) {
    String models =
        endpoint.models().isEmpty()
            ? "as the endpoint reports at start"
            : endpoint.models().stream()
                .map(model -> model.name())
                .collect(Collectors.joining(", "));
    return endpoint.name()
        + ": "
        + endpoint.preset().wire()
        + " at "
        + endpoint.url()
        + ", key "
        + (endpoint.key().isEmpty() ? "none" : "********")
        + ", models "
        + models;
  }
}
