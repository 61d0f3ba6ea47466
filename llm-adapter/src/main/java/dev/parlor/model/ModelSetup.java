package dev.parlor.model;

import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * The endpoints of a server. Each model has a name of its own, so that rooms can choose it.
 *
 * @param endpoints never empty
 * @param defaultModel the model of rooms that choose none
 * @param fallback models that are asked in this order if the chosen one fails before its first word
 */
public record ModelSetup(List<Endpoint> endpoints, String defaultModel, List<String> fallback) {

  public ModelSetup {
    endpoints = List.copyOf(endpoints);
    fallback = List.copyOf(fallback);
    Map<String, String> owners = new HashMap<>();
    for (Endpoint endpoint : endpoints) {
      for (Endpoint.ServedModel model : endpoint.models()) {
        String owner = owners.put(model.name(), endpoint.name());
        if (owner != null) {
          throw new IllegalArgumentException(
              "two models have the name "
                  + model.name()
                  + ", at "
                  + owner
                  + " and at "
                  + endpoint.name());
        }
      }
    }
    for (String name : fallback) {
      if (!owners.containsKey(name)) {
        throw new IllegalArgumentException("fallback names the unknown model " + name);
      }
    }
    if (!owners.containsKey(defaultModel)) {
      throw new IllegalArgumentException("the default model " + defaultModel + " is unknown");
    }
  }

  /** One endpoint, whose first model is the default. */
  public static ModelSetup of(Endpoint endpoint) {
    return new ModelSetup(List.of(endpoint), endpoint.models().getFirst().name(), List.of());
  }
}
