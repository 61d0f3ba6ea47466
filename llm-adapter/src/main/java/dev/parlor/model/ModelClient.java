package dev.parlor.model;

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

  @Override
  void close();
}
