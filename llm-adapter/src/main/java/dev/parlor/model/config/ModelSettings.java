package dev.parlor.model.config;

import dev.parlor.model.Endpoint.Timeouts;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.LongStream;

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

  /**
   * The seconds that a call may take at most, with all endpoints that it may ask.
   *
   * @param totalMillisDefault the time limit of a call at an endpoint without settings
   */
  public int longestCall(int totalMillisDefault) {
    Duration total = Duration.ofMillis(totalMillisDefault);
    Timeouts defaults = new Timeouts(total, total, total, total);
    LongStream seconds =
        endpoints.stream()
            .mapToLong(endpoint -> endpoint.timeouts(times, defaults).total().toSeconds());
    return Math.toIntExact(fallback.isEmpty() ? seconds.max().orElse(0) : seconds.sum());
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
