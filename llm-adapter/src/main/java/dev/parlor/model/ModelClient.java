package dev.parlor.model;

import dev.parlor.model.Endpoint.ServedModel;
import dev.parlor.model.Endpoint.Timeouts;
import java.util.List;
import java.util.function.Consumer;

/**
 * The port to a language model that streams its answer. Implementations are safe from any thread.
 */
public interface ModelClient extends AutoCloseable {

  /**
   * Starts one call and returns at once. Events arrive in order on one thread at a time and end
   * with exactly one {@link ModelEvent.Done} or {@link ModelEvent.Failed}. After {@link
   * ModelCall#cancel} there may be no further events.
   */
  ModelCall start(ModelRequest request, Consumer<ModelEvent> listener);

  /**
   * The exact JSON that {@link #start} would send for this request now, so that people can read it
   * first. A client without an endpoint returns the JSON that an endpoint would get.
   */
  String body(ModelRequest request);

  /**
   * The client's name, which people see and results contain: {@code rehearsal} or the configured
   * model.
   */
  String name();

  /** The models that the client offers, the default model first. */
  default List<Offer> offers() {
    return List.of(Offer.free(name()));
  }

  /** The offer of this name, or the default model if there is none. */
  default Offer offer(String modelName) {
    List<Offer> all = offers();
    return all.stream()
        .filter(offer -> offer.model().name().equals(modelName))
        .findFirst()
        .orElseGet(all::getFirst);
  }

  /**
   * A model at an endpoint.
   *
   * @param endpoint the endpoint's name
   * @param requiresLimit whether each request has a limit on tokens: the model's own maximum, if
   *     the request has none
   */
  record Offer(String endpoint, ServedModel model, boolean requiresLimit, Timeouts timeouts) {
    static Offer of(Endpoint endpoint, ServedModel model) {
      return new Offer(
          endpoint.name(), model, endpoint.kind() == Endpoint.Kind.ANTHROPIC, endpoint.timeouts());
    }

    /** A model without an endpoint and without a price. */
    static Offer free(String name) {
      return new Offer("", ServedModel.named(name), false, Timeouts.DEFAULT);
    }
  }

  @Override
  void close();
}
