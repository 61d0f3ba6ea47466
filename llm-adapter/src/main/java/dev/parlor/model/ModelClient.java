package dev.parlor.model;

import java.util.function.Consumer;

/**
 * The port to a language model that streams its answer. Implementations are safe from any thread.
 */
public interface ModelClient extends AutoCloseable {

  /**
   * Starts one call and returns at once. Events arrive in order on one thread at a time and end
   * with exactly one {@link ModelEvent.Done} or {@link ModelEvent.Failed}; after a {@link
   * ModelCall#cancel} none need follow.
   */
  ModelCall start(ModelRequest request, Consumer<ModelEvent> listener);

  /**
   * What {@link #start} would send for this request if it were called now: the very JSON, so that
   * people can read it before. A client without an endpoint gives the JSON that one would get.
   */
  String body(ModelRequest request);

  /**
   * A name for people and for the result, for example {@code rehearsal} or the configured model.
   */
  String name();

  @Override
  void close();
}
