package dev.parlor.model;

import java.util.LinkedHashMap;
import java.util.Map;

/**
 * The parameters that an endpoint accepts for each model, learned from its refusals. A model
 * without learned parameters gets those that were learned last. Thread-safe.
 */
final class EndpointMemory {
  /**
   * Maximum number of stored models. Above this, the model learned first is removed; it can be
   * learned again.
   */
  private static final int MODELS_MAX = 1_000;

  private final Map<String, AcceptedParameters> byModel = new LinkedHashMap<>();
  private AcceptedParameters lastLearned = AcceptedParameters.ALL;

  synchronized AcceptedParameters of(String model) {
    return byModel.getOrDefault(model, lastLearned);
  }

  synchronized void learn(String model, AcceptedParameters accepted) {
    byModel.put(model, accepted);
    lastLearned = accepted;
    if (byModel.size() > MODELS_MAX) {
      byModel.remove(byModel.keySet().iterator().next());
    }
  }
}
