package dev.parlor.apps.api;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/** The handlers by the type of their request. Filled once, then read from any thread. */
final class Routes {
  private static final String PREFIX = "vibes.diy.";

  /**
   * A handler.
   *
   * @param allowsAnonymous whether a request without authentication is handled
   */
  record Route(Handler handler, boolean allowsAnonymous) {}

  private final Map<String, Route> byType = new LinkedHashMap<>();

  /**
   * Adds a handler for proved users.
   *
   * @param name for example {@code req-publish-app}
   */
  void add(String name, Handler handler) {
    byType.put(PREFIX + name, new Route(handler, false));
  }

  /** Adds a handler that anonymous requests may use. */
  void addAnonymous(String name, Handler handler) {
    byType.put(PREFIX + name, new Route(handler, true));
  }

  Optional<Route> find(String type) {
    return Optional.ofNullable(byType.get(type));
  }
}
