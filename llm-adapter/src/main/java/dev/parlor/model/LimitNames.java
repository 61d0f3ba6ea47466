package dev.parlor.model;

import java.util.LinkedHashMap;
import java.util.Map;

/**
 * Which name for the limit an endpoint wants, as its refusals taught: by model, and for models not
 * yet asked what the endpoint accepted last. Safe from any thread.
 */
final class LimitNames {
  /** Models remembered; above: the one learned first is forgotten, and learned again. */
  private static final int MODELS_MAX = 1_000;

  private final Map<String, LimitName> byModel = new LinkedHashMap<>();
  private LimitName ofEndpoint = LimitName.MAX_TOKENS;

  synchronized LimitName of(String model) {
    return byModel.getOrDefault(model, ofEndpoint);
  }

  synchronized void learn(String model, LimitName name) {
    byModel.put(model, name);
    ofEndpoint = name;
    if (byModel.size() > MODELS_MAX) {
      byModel.remove(byModel.keySet().iterator().next());
    }
  }
}
