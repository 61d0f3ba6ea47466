package dev.parlor.server;

import dev.parlor.model.Endpoint;
import dev.parlor.model.Endpoint.ServedModel;
import dev.parlor.model.ModelClient;
import dev.parlor.model.ModelRouter;
import dev.parlor.model.ModelSetup;
import dev.parlor.model.ModelTimer;
import dev.parlor.model.RehearsalClient;
import dev.parlor.model.config.EndpointSettings;
import dev.parlor.model.config.ModelDiscovery;
import dev.parlor.model.config.ModelSettings;
import dev.parlor.room.http.About;
import dev.parlor.room.limits.ServiceLimits;
import dev.parlor.server.config.ServerConfig;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Constructs the model client that the settings choose. */
final class ModelChoice {
  /** Time for an endpoint to report its models at start; then: the server does not start. */
  private static final Duration DISCOVERY_TIMEOUT = Duration.ofSeconds(10);

  private ModelChoice() {}

  /**
   * The configured endpoints; empty for the rehearsal model. Asks each endpoint without configured
   * models for its models.
   *
   * @throws IOException with a sentence for the operator
   */
  static Optional<ModelSetup> setup(ServerConfig config) throws IOException {
    if (config.models().isEmpty()) {
      return Optional.empty();
    }
    ModelSettings settings = config.models().get();
    List<Endpoint> endpoints = new ArrayList<>();
    for (EndpointSettings endpoint : settings.endpoints()) {
      List<ServedModel> discovered =
          endpoint.models().isEmpty()
              ? new ModelDiscovery(DISCOVERY_TIMEOUT).models(endpoint)
              : List.of();
      endpoints.add(
          endpoint.endpoint(
              discovered,
              settings.times(),
              timeouts(config.limits().model()),
              modelLimits(config.limits())));
    }
    String defaultModel =
        settings.defaultModel().orElse(endpoints.getFirst().models().getFirst().name());
    try {
      return Optional.of(new ModelSetup(endpoints, defaultModel, settings.fallback()));
    } catch (IllegalArgumentException e) {
      throw new IOException(e.getMessage(), e);
    }
  }

  /** The configured endpoints, or the built-in rehearsal model. */
  static ModelClient of(Optional<ModelSetup> setup, ModelTimer timer) {
    return setup
        .<ModelClient>map(endpoints -> new ModelRouter(endpoints, timer))
        .orElseGet(() -> new RehearsalClient(timer, RehearsalClient.READABLE_PACE));
  }

  /** The models for the page, the default first. */
  static List<About.Model> shown(ModelClient client) {
    return client.offers().stream().map(ModelChoice::shown).toList();
  }

  /** The limits with the contexts of the models, as far as they are known and not set. */
  static ServiceLimits withContexts(ServiceLimits limits, ModelClient client) {
    Map<String, Integer> contexts = new HashMap<>();
    for (ModelClient.Offer offer : client.offers()) {
      offer.model().contextTokens().ifPresent(tokens -> contexts.put(offer.model().name(), tokens));
    }
    contexts.putAll(limits.model().contextTokens());
    return limits.withContextTokens(contexts);
  }

  private static About.Model shown(ModelClient.Offer offer) {
    ServedModel model = offer.model();
    return new About.Model(
        model.name(),
        offer.endpoint(),
        model.contextTokens(),
        model.tokensMax(),
        model.takesImages(),
        model.price().map(price -> new About.Price(price.input(), price.output())),
        new About.Waits(
            offer.timeouts().firstToken().toMillis(),
            offer.timeouts().betweenTokens().toMillis(),
            offer.timeouts().total().toMillis()));
  }

  private static Endpoint.Timeouts timeouts(ServiceLimits.Model limits) {
    return new Endpoint.Timeouts(
        Duration.ofMillis(limits.connectMillisMax()),
        Duration.ofMillis(limits.firstTokenMillisMax()),
        Duration.ofMillis(limits.tokenGapMillisMax()),
        Duration.ofMillis(limits.totalMillisMax()));
  }

  private static Endpoint.Limits modelLimits(ServiceLimits limits) {
    var defaults = Endpoint.Limits.DEFAULT;
    return new Endpoint.Limits(
        limits.model().attemptsMax(),
        defaults.retryDelay(),
        defaults.retryAfterMax(),
        limits.model().eventBytesMax(),
        limits.generation().answerBytesMax(),
        defaults.errorBytesMax());
  }
}
