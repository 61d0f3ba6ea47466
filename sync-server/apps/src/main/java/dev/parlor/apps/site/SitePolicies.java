package dev.parlor.apps.site;

import io.helidon.http.HeaderName;
import io.helidon.http.HeaderNames;
import io.helidon.http.ServerResponseHeaders;
import java.util.Optional;

/**
 * The security headers of apps and previews. They replace the headers of the server's own pages,
 * because those forbid frames and inline scripts.
 */
final class SitePolicies {
  static final HeaderName CSP = HeaderNames.create("Content-Security-Policy");
  private static final HeaderName NOSNIFF = HeaderNames.create("X-Content-Type-Options");
  private static final HeaderName REFERRER = HeaderNames.create("Referrer-Policy");
  private static final HeaderName FRAMES = HeaderNames.create("X-Frame-Options");
  private static final HeaderName OPENER = HeaderNames.create("Cross-Origin-Opener-Policy");
  private static final HeaderName RESOURCES = HeaderNames.create("Cross-Origin-Resource-Policy");
  private static final HeaderName PERMISSIONS = HeaderNames.create("Permissions-Policy");
  private static final HeaderName CONNECTIONS = HeaderNames.create("Connection-Allowlist");
  private static final HeaderName AGENT_CLUSTER = HeaderNames.create("Origin-Agent-Cluster");

  /** The abilities of a document in a sandbox; it has no origin and no storage. */
  private static final String SANDBOX =
      "sandbox allow-scripts allow-forms allow-modals allow-popups allow-pointer-lock"
          + " allow-downloads; ";

  /** After the sources of scripts, see {@link #app}. */
  private static final String APP =
      "; style-src 'self' 'unsafe-inline'; img-src 'self' data: blob:; font-src 'self' data:;"
          + " media-src 'self' data: blob:; worker-src 'self' blob:; object-src 'none'; base-uri"
          + " 'self'; connect-src ";

  /** A preview reaches no network; it cannot open windows or leave its frame by a form. */
  private static final String PREVIEW =
      "sandbox allow-scripts allow-forms allow-modals allow-pointer-lock allow-downloads;"
          + " default-src 'none'; script-src 'self' 'unsafe-inline' 'unsafe-eval' blob:; style-src"
          + " 'self' 'unsafe-inline'; img-src data: blob:; font-src 'self' data:; media-src data:"
          + " blob:; worker-src blob:; connect-src 'none'; form-action 'none'; base-uri 'none';"
          + " frame-ancestors ";

  private SitePolicies() {}

  /** The policy of an app, with the origin of packages that the operator allows. */
  private static String app(Optional<String> packages) {
    return "default-src 'self'; script-src 'self' 'unsafe-inline' 'unsafe-eval' blob:"
        + packages.map(origin -> " " + origin).orElse("")
        + APP;
  }

  /**
   * The headers of an app on its own host. Every site may embed a published app.
   *
   * @param packages the origin from which scripts may also come
   */
  static void ownHost(ServerResponseHeaders headers, Optional<String> packages) {
    general(headers);
    headers.set(CSP, app(packages) + "'self'; form-action 'self'; frame-ancestors *");
    headers.set(RESOURCES, "same-origin");
    headers.set(AGENT_CLUSTER, "?1");
  }

  /**
   * The headers of an app below a path of the server's own host. The sandbox gives the document an
   * opaque origin, so its requests to its own files need permission for other origins.
   *
   * @param own the host and the path of the app, the only address that its scripts may request: the
   *     server's other paths are no business of an app
   * @param packages as for {@link #ownHost}
   */
  static void byPath(ServerResponseHeaders headers, String own, Optional<String> packages) {
    general(headers);
    headers.set(CSP, SANDBOX + app(packages) + own + "; form-action 'none'; frame-ancestors *");
    allowOtherOrigins(headers);
  }

  /**
   * The headers of a preview. Chromium also applies {@code Connection-Allowlist}: it covers WebRTC
   * and the connections that a browser opens ahead of a navigation, which no policy of content
   * covers. Other browsers ignore it.
   *
   * @param ancestors the pages that may show it in a frame
   */
  static void preview(ServerResponseHeaders headers, String ancestors) {
    general(headers);
    headers.set(CSP, PREVIEW + ancestors);
    headers.set(CONNECTIONS, "(response-origin)");
    allowOtherOrigins(headers);
  }

  /** The headers of a script or package that documents of all origins may load. */
  static void sharedFile(ServerResponseHeaders headers) {
    general(headers);
    headers.set(CSP, "default-src 'none'; frame-ancestors 'none'; sandbox");
    allowOtherOrigins(headers);
  }

  private static void general(ServerResponseHeaders headers) {
    headers.set(NOSNIFF, "nosniff");
    headers.set(REFERRER, "no-referrer");
    headers.set(PERMISSIONS, "camera=(), microphone=(), geolocation=()");
    headers.remove(FRAMES);
    // A browser refuses a sandboxed document with this header outside a frame.
    headers.remove(OPENER);
  }

  private static void allowOtherOrigins(ServerResponseHeaders headers) {
    headers.set(HeaderNames.ACCESS_CONTROL_ALLOW_ORIGIN, "*");
    headers.set(RESOURCES, "cross-origin");
  }
}
