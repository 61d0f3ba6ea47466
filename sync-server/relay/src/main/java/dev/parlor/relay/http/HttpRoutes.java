package dev.parlor.relay.http;

import io.helidon.webserver.http.HttpRouting;

/** A part of the HTTP interface, which adds its own routes. */
@FunctionalInterface
public interface HttpRoutes {
  void addTo(HttpRouting.Builder routing);

  /** These routes, then others. */
  default HttpRoutes and(HttpRoutes others) {
    return routing -> {
      addTo(routing);
      others.addTo(routing);
    };
  }

  /** No further routes. */
  static HttpRoutes none() {
    return _ -> {};
  }
}
