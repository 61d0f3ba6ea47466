package dev.parlor.relay.address;

import java.net.URI;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.function.Predicate;

/**
 * Decides which host names this server accepts, and which origins may open sockets to it [WS5].
 *
 * <p>In DNS rebinding, an attacker's host name resolves to 127.0.0.1. Against this, a server on
 * loopback accepts only the names of loopback and of the configured public URL. A server on another
 * address cannot know all its names; it checks the host only if a public URL is configured.
 */
public final class Origins {
  /**
   * The origin of pages without a name: pages from files, and frames in a sandbox. Every web page
   * can make such a frame, and previews of apps are such frames.
   */
  public static final String NULL = "null";

  /** The entry in the allowed origins that allows every origin to open sockets. */
  private static final String ANY = "*";

  private static final Set<String> LOOPBACK = Set.of("localhost", "127.0.0.1", "[::1]");

  private final Set<String> hosts = new HashSet<>();
  private final boolean anyHost;
  private final boolean localOnly;
  private final Set<String> extraOrigins = new HashSet<>();
  private final String publicOrigin;
  private final boolean tls;
  private final boolean nullCounts;
  private final Predicate<String> isAppHost;

  /** Creates the rules of a server that does not use TLS itself. */
  public Origins(String listenHost, Optional<URI> publicUrl, List<String> allowedOrigins) {
    this(listenHost, publicUrl, allowedOrigins, false, _ -> false);
  }

  /**
   * @param listenHost the address that the server listens on
   * @param publicUrl the URL of the server for clients, for example {@code https://parlor.example}
   * @param allowedOrigins further origins that may open sockets; {@code *} for any
   * @param tls whether the server itself uses TLS
   * @param isAppHost whether a host and port belong to a published app or a preview; their pages
   *     may never connect
   */
  public Origins(
      String listenHost,
      Optional<URI> publicUrl,
      List<String> allowedOrigins,
      boolean tls,
      Predicate<String> isAppHost) {
    this.tls = tls;
    this.isAppHost = isAppHost;
    hosts.addAll(LOOPBACK);
    publicUrl.map(URI::getHost).map(Origins::lower).ifPresent(hosts::add);
    this.publicOrigin = publicUrl.map(Origins::originOf).orElse("");
    if (!publicOrigin.isEmpty()) {
      extraOrigins.add(publicOrigin);
    }
    this.anyHost = !isLoopback(listenHost) && publicUrl.isEmpty();
    this.localOnly = isLoopback(listenHost) && publicUrl.isEmpty();
    for (var origin : allowedOrigins) {
      extraOrigins.add(lower(origin));
    }
    this.nullCounts = extraOrigins.remove(NULL) || extraOrigins.contains(ANY);
  }

  /** Whether only this machine can reach an address. */
  public static boolean isLoopback(String host) {
    var name = lower(host);
    return LOOPBACK.contains(name) || name.equals("::1") || name.startsWith("127.");
  }

  /** Whether the server is for clients on this machine: on loopback, and without a public URL. */
  public boolean isLocalOnly() {
    return localOnly;
  }

  /** Whether this Host header (with or without a port) names this server. */
  public boolean isOurHost(String hostHeader) {
    return anyHost || hosts.contains(withoutPort(lower(hostHeader)));
  }

  /**
   * Whether a request with this origin may open a socket: a request without an origin (not a
   * browser), the server's own origin, or an allowed origin. The pages of apps may never open one.
   *
   * @param hasSecret whether the request carries a token, a ticket or a key; without one, the
   *     origin {@link #NULL} is never allowed
   */
  public boolean mayOpenSocket(Optional<String> origin, String hostHeader, boolean hasSecret) {
    if (origin.isEmpty()) {
      return true;
    }
    var value = lower(origin.orElseThrow());
    if (value.equals(NULL)) {
      return nullCounts && hasSecret;
    }
    return !isOfApp(value)
        && (extraOrigins.contains(value) || extraOrigins.contains(ANY) || isOwn(value, hostHeader));
  }

  /**
   * The origin that a proof of identity must contain. For a page it is the page's origin, if that
   * is the server's own origin or an allowed origin listed by name. For a program, which sends no
   * Origin header, it is the origin of the public URL. Without a public URL it consists of the
   * server's scheme and the Host header.
   *
   * @return empty for a page of any other origin
   */
  public Optional<String> proofOrigin(Optional<String> origin, String hostHeader) {
    if (origin.isEmpty()) {
      var scheme = tls ? "https://" : "http://";
      return Optional.of(publicOrigin.isEmpty() ? scheme + lower(hostHeader) : publicOrigin);
    }
    var value = lower(origin.orElseThrow());
    var listed = extraOrigins.contains(value) && !value.equals(ANY);
    return !isOfApp(value) && (listed || isOwn(value, hostHeader))
        ? Optional.of(value)
        : Optional.empty();
  }

  private boolean isOfApp(String origin) {
    return isAppHost.test(origin.replaceFirst("^[^/]*//", ""));
  }

  /**
   * Whether an origin is the server's own. A server without TLS accepts https too, because a proxy
   * may terminate TLS. A server with TLS serves no page over http, so an http origin belongs to
   * another server.
   */
  private boolean isOwn(String origin, String hostHeader) {
    var separator = origin.indexOf("://");
    return separator > 0
        && (origin.startsWith("https://") || (!tls && origin.startsWith("http://")))
        && origin.substring(separator + 3).equals(lower(hostHeader))
        && isOurHost(hostHeader);
  }

  private static String originOf(URI url) {
    return lower(url.getScheme() + "://" + url.getAuthority());
  }

  private static String withoutPort(String host) {
    var bracket = host.indexOf(']');
    var colon = host.indexOf(':', Math.max(bracket, 0));
    return colon < 0 ? host : host.substring(0, colon);
  }

  private static String lower(String text) {
    return text.toLowerCase(Locale.ROOT);
  }
}
