package dev.parlor.server.http;

import dev.parlor.server.access.Origins;
import io.helidon.http.HeaderName;
import io.helidon.http.HeaderNames;
import io.helidon.http.Method;
import io.helidon.webserver.http.Filter;
import io.helidon.webserver.http.FilterChain;
import io.helidon.webserver.http.RoutingRequest;
import io.helidon.webserver.http.RoutingResponse;
import java.util.regex.Pattern;

/**
 * Stands before every request: refuses a Host that is not ours (DNS rebinding), and puts on every
 * response what keeps a browser from running or framing anything but our own page. There are no
 * CORS headers at all: pages of other origins may not read from here.
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

  SecurityHeaders(Origins origins) {
    this.origins = origins;
  }

  @Override
  public void filter(FilterChain chain, RoutingRequest request, RoutingResponse response) {
    var host = request.headers().first(HeaderNames.HOST).orElse("");
    response.header(CSP, contentSecurityPolicy(HOST.matcher(host).matches() ? host : ""));
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
                  "this server does not answer to that Host; set PARLOR_PUBLIC_URL to the URL"
                      + " under which it is reached")
              .reply();
      Endpoints.send(response, request.prologue().method().equals(Method.HEAD), reply);
      return;
    }
    chain.proceed();
  }

  /**
   * Scripts come from here only; WebAssembly is Automerge. Styles may be inline because the editor
   * and the menus set them at run time. Sockets go to this host only.
   */
  static String contentSecurityPolicy(String host) {
    var sockets = host.isEmpty() ? "" : " ws://" + host + " wss://" + host;
    return "default-src 'self'; script-src 'self' 'wasm-unsafe-eval'; style-src 'self'"
        + " 'unsafe-inline'; img-src 'self' data: blob:; font-src 'self' data:; connect-src 'self'"
        + sockets
        + "; worker-src 'self' blob:; manifest-src 'self'; object-src 'none'; base-uri 'none';"
        + " form-action 'self'; frame-ancestors 'none'";
  }
}
