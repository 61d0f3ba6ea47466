package dev.parlor.server;

import dev.parlor.model.Endpoint;
import dev.parlor.model.EndpointClient;
import dev.parlor.model.ModelClient;
import dev.parlor.model.ModelTimer;
import dev.parlor.model.RehearsalClient;
import dev.parlor.relay.config.Secret;
import dev.parlor.room.limits.ServiceLimits;
import dev.parlor.server.config.ServerConfig;
import java.time.Duration;

/** Constructs the model client that the settings choose. */
final class ModelChoice {

  private ModelChoice() {}

  /** The configured endpoint, or the built-in rehearsal model. */
  static ModelClient of(ServerConfig config, ModelTimer timer) {
    return config
        .modelEndpoint()
        .<ModelClient>map(
            endpoint ->
                new EndpointClient(
                    Endpoint.openAi(
                        endpoint.url().toString(),
                        endpoint.key().map(Secret::value).orElse(""),
                        endpoint.model(),
                        timeouts(config.limits().model()),
                        modelLimits(config.limits())),
                    timer))
        .orElseGet(() -> new RehearsalClient(timer, RehearsalClient.READABLE_PACE));
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
