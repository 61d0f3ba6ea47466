package dev.parlor.room.http;

import io.helidon.webserver.http.HttpRouting;
import java.util.List;
import java.util.function.Consumer;

/**
 * What another module adds to the web server of the rooms.
 *
 * @param filters adds filters that run before the filter which checks the Host header and sets the
 *     security headers; a filter that does not proceed answers the request alone, for example for
 *     another host name
 * @param routes adds routes; they come after the rooms' endpoints and before the page
 */
public record HttpExtension(
    Consumer<HttpRouting.Builder> filters, Consumer<HttpRouting.Builder> routes) {

  /** An extension that has routes only. */
  public static HttpExtension ofRoutes(Consumer<HttpRouting.Builder> routes) {
    return new HttpExtension(_ -> {}, routes);
  }

  static void addFilters(List<HttpExtension> extensions, HttpRouting.Builder routing) {
    extensions.forEach(extension -> extension.filters().accept(routing));
  }

  static void addRoutes(List<HttpExtension> extensions, HttpRouting.Builder routing) {
    extensions.forEach(extension -> extension.routes().accept(routing));
  }
}
