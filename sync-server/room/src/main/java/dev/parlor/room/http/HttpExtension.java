package dev.parlor.room.http;

import io.helidon.webserver.http.HttpRouting;
import java.util.Arrays;
import java.util.List;
import java.util.function.Consumer;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * What another module adds to the web server of the rooms.
 *
 * @param filters adds filters that run before the filter which checks the Host header and sets the
 *     security headers; a filter that does not proceed answers the request alone, for example for
 *     another host name
 * @param routes adds routes; they come after the rooms' endpoints and before the page
 * @param frameSources the sources of frames that the server's pages may show, as a list in a
 *     content security policy; it may be known only after the start
 */
public record HttpExtension(
    Consumer<HttpRouting.Builder> filters,
    Consumer<HttpRouting.Builder> routes,
    Supplier<String> frameSources) {

  private static final String OWN_HOST = "'self'";

  /** An extension that has routes only. */
  public static HttpExtension ofRoutes(Consumer<HttpRouting.Builder> routes) {
    return new HttpExtension(_ -> {}, routes, () -> OWN_HOST);
  }

  /** The sources of frames of all extensions, and always the server's own host. */
  static String frameSources(List<HttpExtension> extensions) {
    return Stream.concat(
            Stream.of(OWN_HOST),
            extensions.stream()
                .flatMap(each -> Arrays.stream(each.frameSources().get().split(" ", -1))))
        .distinct()
        .collect(Collectors.joining(" "));
  }

  static void addFilters(List<HttpExtension> extensions, HttpRouting.Builder routing) {
    extensions.forEach(extension -> extension.filters().accept(routing));
  }

  static void addRoutes(List<HttpExtension> extensions, HttpRouting.Builder routing) {
    extensions.forEach(extension -> extension.routes().accept(routing));
  }
}
