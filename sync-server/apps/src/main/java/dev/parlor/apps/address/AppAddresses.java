package dev.parlor.apps.address;

import dev.parlor.apps.content.ContentId;
import dev.parlor.apps.slug.Slugs;
import dev.parlor.relay.address.Origins;
import java.net.URI;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.function.Supplier;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/**
 * The addresses of apps. With a base for hosts, each app has the host {@code {app}--{user}.{base}},
 * so each app has its own origin. Without a base, apps are served below {@code /a/{user}/{app}/} on
 * the server's own host. Safe from any thread.
 */
public final class AppAddresses implements AppUrls {

  /** The first part of the path of every app on the server's own host. */
  public static final String PATH = "/a/";

  /** The first part of the path of every page that shows an app in a frame. */
  public static final String PAGE_PATH = "/vibe/";

  /** Characters of a host name; DNS allows no longer names. */
  private static final int HOST_LENGTH_MAX = 253;

  /** Characters of the part before the base: two slugs and two dashes. */
  private static final int LABEL_LENGTH_MAX = 62;

  private static final String SEPARATOR = "--";
  private static final Pattern BASE =
      Pattern.compile("[a-z0-9]+(-+[a-z0-9]+)*(\\.[a-z0-9]+(-+[a-z0-9]+)*)*");
  private static final Pattern PORT = Pattern.compile("[0-9]{1,5}");
  private static final Pattern PREVIEW = Pattern.compile("run-[a-z0-9]{3,40}");

  private final Supplier<URI> publicUrl;
  private final Optional<String> base;

  /**
   * @param publicUrl the URL of this server for browsers, with its base path; it may be known only
   *     after the start
   * @param base the host name above the hosts of apps, for example {@code apps.example}; empty for
   *     apps by path only
   * @throws IllegalArgumentException if the base is no host name in lower case
   */
  public AppAddresses(Supplier<URI> publicUrl, Optional<String> base) {
    base.ifPresent(AppAddresses::requireBase);
    this.publicUrl = publicUrl;
    this.base = base;
  }

  private static void requireBase(String base) {
    if (base.length() + 1 + LABEL_LENGTH_MAX > HOST_LENGTH_MAX || !BASE.matcher(base).matches()) {
      throw new IllegalArgumentException(
          "the host of apps must be a host name in lower case without port and final dot, at most "
              + (HOST_LENGTH_MAX - 1 - LABEL_LENGTH_MAX)
              + " characters, for example apps.example");
    }
  }

  /** Whether apps have their own hosts. */
  public boolean hasHosts() {
    return base.isPresent();
  }

  @Override
  public URI app(String userSlug, String appSlug, Optional<ContentId> fsId) {
    var name = new AppName(userSlug, appSlug);
    var root = origin(name).map(origin -> origin + "/").orElseGet(() -> byPath(name));
    return URI.create(root + fsId.map(id -> "~" + id + "~/").orElse(""));
  }

  private String byPath(AppName app) {
    return publicRoot() + PATH + app.userSlug() + "/" + app.appSlug() + "/";
  }

  @Override
  public URI page(String userSlug, String appSlug) {
    var app = new AppName(userSlug, appSlug);
    return URI.create(publicRoot() + PAGE_PATH + app.userSlug() + "/" + app.appSlug());
  }

  /** The origin of the app's own host; empty if apps have no hosts. */
  public Optional<String> origin(AppName app) {
    return base.map(
        host ->
            publicUrl.get().getScheme()
                + "://"
                + app.appSlug()
                + SEPARATOR
                + app.userSlug()
                + "."
                + host
                + port());
  }

  /**
   * The address of every app, with {@code {app}} and {@code {user}} in the place of the slugs, for
   * example {@code https://{app}--{user}.apps.example/}.
   */
  public String template() {
    var url = publicUrl.get();
    return base.map(host -> url.getScheme() + "://{app}--{user}." + host + port() + "/")
        .orElseGet(() -> publicRoot() + PATH + "{user}/{app}/");
  }

  /** The base path of this server, see {@link dev.parlor.relay.address.BasePath}. */
  public String basePath() {
    return publicUrl.get().getRawPath().replaceFirst("/+$", "");
  }

  private String publicRoot() {
    return publicOrigin() + basePath();
  }

  /** The origin of this server for browsers, for example {@code https://parlor.example}. */
  public String publicOrigin() {
    var url = publicUrl.get();
    return url.getScheme() + "://" + url.getHost().toLowerCase(Locale.ROOT) + port();
  }

  /**
   * The origins that may show an app in a frame, as a list in a content security policy. A server
   * on loopback has two names for browsers. A policy cannot name an IPv6 address.
   */
  public String frameAncestors() {
    var url = publicUrl.get();
    return Origins.isLoopback(url.getHost())
        ? List.of("localhost", "127.0.0.1").stream()
            .map(host -> url.getScheme() + "://" + host + port())
            .collect(Collectors.joining(" "))
        : publicOrigin();
  }

  /**
   * The sources of frames that the server's own pages may show, as a list in a content security
   * policy.
   */
  public String frameSources() {
    return base.map(host -> "'self' " + publicUrl.get().getScheme() + "://*." + host + port())
        .orElse("'self'");
  }

  /**
   * The app of a Host header. The port does not count, since a proxy may listen on another port.
   *
   * @return empty if the host is no host of an app
   */
  public Optional<AppName> ofHost(String hostHeader) {
    return label(hostHeader)
        .flatMap(
            label -> {
              var dashes = label.indexOf(SEPARATOR);
              if (dashes < 0) {
                return Optional.empty();
              }
              var app = label.substring(0, dashes);
              var user = label.substring(dashes + SEPARATOR.length());
              return Slugs.isSlug(app) && Slugs.isSlug(user)
                  ? Optional.of(new AppName(user, app))
                  : Optional.empty();
            });
  }

  /**
   * Whether a Host header names a host for the preview of an app: {@code run-{any}.{base}}. A
   * browser runs a frame on such a host in a separate process.
   */
  public boolean isPreviewHost(String hostHeader) {
    return label(hostHeader).filter(label -> PREVIEW.matcher(label).matches()).isPresent();
  }

  /** Whether a host and port, as in a Host header, belong to an app or to a preview. */
  public boolean isAppHost(String hostHeader) {
    return ofHost(hostHeader).isPresent() || isPreviewHost(hostHeader);
  }

  /** The part of the host before the base, in lower case; empty if the host is not under it. */
  private Optional<String> label(String hostHeader) {
    if (base.isEmpty() || hostHeader.length() > HOST_LENGTH_MAX + ":65535".length()) {
      return Optional.empty();
    }
    var host = hostHeader.toLowerCase(Locale.ROOT);
    var colon = host.indexOf(':');
    if (colon >= 0) {
      if (!PORT.matcher(host.substring(colon + 1)).matches()) {
        return Optional.empty();
      }
      host = host.substring(0, colon);
    }
    var suffix = "." + base.get();
    if (!host.endsWith(suffix)) {
      return Optional.empty();
    }
    var label = host.substring(0, host.length() - suffix.length());
    return label.isEmpty() || label.indexOf('.') >= 0 ? Optional.empty() : Optional.of(label);
  }

  private String port() {
    var port = publicUrl.get().getPort();
    return port < 0 ? "" : ":" + port;
  }
}
