package dev.parlor.model;

import java.util.LinkedHashMap;
import java.util.Map;

/**
 * The limit name for each model, learned from the endpoint's refusals. A model without a learned
 * name gets the name that was learned last. Thread-safe.
 */
final class LimitNames {
  /**
   * Maximum number of stored models. Above this, the model learned first is removed; its name can
   * be learned again.
   */
  private static final int MODELS_MAX = 1_000;

  private final Map<String, LimitName> byModel = new LinkedHashMap<>();
  private LimitName lastLearned = LimitName.MAX_TOKENS;

  synchronized LimitName of(String model) {
    return byModel.getOrDefault(model, lastLearned);
  }

  synchronized void learn(String model, LimitName name) {
    byModel.put(model, name);
    lastLearned = name;
    if (byModel.size() > MODELS_MAX) {
      byModel.remove(byModel.keySet().iterator().next());
    }
  }
}
