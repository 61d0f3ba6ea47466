package dev.parlor.server.access;

import java.net.URI;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;

/**
 * Which host names this server answers to, and which pages may open sockets to it [WS5].
 *
 * <p>Against DNS rebinding (a stranger's page whose name is made to point at 127.0.0.1) a server on
 * loopback answers only to loopback's own names and the configured public URL. A server that
 * listens elsewhere cannot know all its names and leaves that to the public URL, when there is one.
 */
public final class Origins {
  /** Among the allowed origins: every page may open sockets. */
  private static final String ANY = "*";

  private static final Set<String> LOOPBACK = Set.of("localhost", "127.0.0.1", "[::1]");

  private final Set<String> hosts = new HashSet<>();
  private final boolean anyHost;
  private final Set<String> extraOrigins = new HashSet<>();
  private final String publicOrigin;

  /**
   * @param listenHost the address that the server listens on
   * @param publicUrl how the server is reached from outside, for example {@code
   *     https://parlor.example}
   * @param allowedOrigins further origins whose pages may open sockets; {@code *} for any
   */
  public Origins(String listenHost, Optional<URI> publicUrl, List<String> allowedOrigins) {
    hosts.addAll(LOOPBACK);
    publicUrl.map(URI::getHost).map(Origins::lower).ifPresent(hosts::add);
    this.publicOrigin = publicUrl.map(Origins::originOf).orElse("");
    if (!publicOrigin.isEmpty()) {
      extraOrigins.add(publicOrigin);
    }
    this.anyHost = !isLoopback(listenHost) && publicUrl.isEmpty();
    for (var origin : allowedOrigins) {
      extraOrigins.add(lower(origin));
    }
  }

  /** Whether an address can be reached from this machine only. */
  public static boolean isLoopback(String host) {
    var name = lower(host);
    return LOOPBACK.contains(name) || name.equals("::1") || name.startsWith("127.");
  }

  /** Whether a request with this Host header (with or without a port) is for us. */
  public boolean isOurHost(String hostHeader) {
    return anyHost || hosts.contains(withoutPort(lower(hostHeader)));
  }

  /**
   * Whether a page of this origin may open a socket here: a request without one (no browser), the
   * page's own server, or one of the list.
   */
  public boolean maySocket(Optional<String> origin, String hostHeader) {
    if (origin.isEmpty()) {
      return true;
    }
    var value = lower(origin.orElseThrow());
    if (extraOrigins.contains(value) || extraOrigins.contains(ANY)) {
      return true;
    }
    return isOwn(value, hostHeader);
  }

  /**
   * The origin that a proof of identity must name: that of the page which sends it, if it is the
   * server's own or one of the list by name; what a program without an Origin reaches us by
   * otherwise.
   *
   * @return empty for a page of another origin
   */
  public Optional<String> ofProof(Optional<String> origin, String hostHeader) {
    if (origin.isEmpty()) {
      return Optional.of(publicOrigin.isEmpty() ? "http://" + lower(hostHeader) : publicOrigin);
    }
    var value = lower(origin.orElseThrow());
    var listed = extraOrigins.contains(value) && !value.equals(ANY);
    return listed || isOwn(value, hostHeader) ? Optional.of(value) : Optional.empty();
  }

  private boolean isOwn(String origin, String hostHeader) {
    var separator = origin.indexOf("://");
    return separator > 0
        && (origin.startsWith("http://") || origin.startsWith("https://"))
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
