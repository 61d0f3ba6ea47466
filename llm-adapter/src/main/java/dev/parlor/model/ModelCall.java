package dev.parlor.model;

/** A running call to a model. */
public interface ModelCall {
  /** Closes the connection to the provider, from any thread, any number of times. */
  void cancel();
}
