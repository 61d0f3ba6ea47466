package dev.parlor.room.http;

import dev.parlor.relay.address.Origins;
import io.helidon.http.HeaderName;
import io.helidon.http.HeaderNames;
import io.helidon.http.Method;
import io.helidon.webserver.http.Filter;
import io.helidon.webserver.http.FilterChain;
import io.helidon.webserver.http.RoutingRequest;
import io.helidon.webserver.http.RoutingResponse;
import java.util.function.Supplier;
import java.util.regex.Pattern;

/**
 * A filter for every request. It refuses unknown Host headers, against DNS rebinding, and sets the
 * security headers on every response. With them a browser runs only the server's own scripts, and
 * other pages cannot embed the page. There are no CORS headers, so pages of other origins cannot
 * read responses. There is no HSTS header, because it would apply to all ports of the host, for
 * example to other servers on localhost.
 */
final class SecurityHeaders implements Filter {
  private static final HeaderName CSP = HeaderNames.create("Content-Security-Policy");
  private static final HeaderName NOSNIFF = HeaderNames.create("X-Content-Type-Options");
  private static final HeaderName REFERRER = HeaderNames.create("Referrer-Policy");
  private static final HeaderName FRAMES = HeaderNames.create("X-Frame-Options");
  private static final HeaderName OPENER = HeaderNames.create("Cross-Origin-Opener-Policy");
  private static final HeaderName RESOURCES = HeaderNames.create("Cross-Origin-Resource-Policy");
  private static final HeaderName PERMISSIONS = HeaderNames.create("Permissions-Policy");
  private static final Pattern HOST = Pattern.compile("[A-Za-z0-9.:\\[\\]-]{1,255}");

  private final Origins origins;
  private final Supplier<String> frameSources;

  /**
   * @param frameSources the sources of frames that a page may show, as a list in a policy
   */
  SecurityHeaders(Origins origins, Supplier<String> frameSources) {
    this.origins = origins;
    this.frameSources = frameSources;
  }

  @Override
  public void filter(FilterChain chain, RoutingRequest request, RoutingResponse response) {
    var host = request.headers().first(HeaderNames.HOST).orElse("");
    response.header(
        CSP,
        contentSecurityPolicy(
            HOST.matcher(host).matches() ? host : "", request.isSecure(), frameSources.get()));
    response.header(NOSNIFF, "nosniff");
    response.header(REFERRER, "no-referrer");
    response.header(FRAMES, "DENY");
    response.header(OPENER, "same-origin");
    response.header(RESOURCES, "same-origin");
    response.header(PERMISSIONS, "camera=(), microphone=(), geolocation=()");
    if (!origins.isOurHost(host)) {
      var reply =
          ProblemDetail.of(
                  421,
                  "wrong-host",
                  "this server does not accept that Host header; set PARLOR_PUBLIC_URL to the URL"
                      + " under which it is reached")
              .reply();
      Endpoints.send(response, request.prologue().method().equals(Method.HEAD), reply);
      return;
    }
    chain.proceed();
  }

  /**
   * The content security policy. Scripts come only from this server, and Automerge needs
   * WebAssembly. Inline styles are allowed because the editor and the menus set styles at run time.
   * Sockets connect only to this host.
   *
   * @param secure whether the request came over TLS. If not, sockets with {@code ws} and {@code
   *     wss} are allowed, because a proxy may end TLS
   * @param frames the sources of frames. A browser also checks each address to which an app
   *     navigates its frame
   */
  static String contentSecurityPolicy(String host, boolean secure, String frames) {
    var plainSocket = secure ? "" : " ws://" + host;
    var sockets = host.isEmpty() ? "" : plainSocket + " wss://" + host;
    return "default-src 'self'; script-src 'self' 'wasm-unsafe-eval'; style-src 'self'"
        + " 'unsafe-inline'; img-src 'self' data: blob:; font-src 'self' data:; connect-src 'self'"
        + sockets
        + "; frame-src "
        + frames
        + "; worker-src 'self' blob:; manifest-src 'self'; object-src 'none'; base-uri 'none';"
        + " form-action 'self'; frame-ancestors 'none'";
  }
}
