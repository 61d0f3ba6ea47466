package dev.parlor.room.http;

import dev.parlor.relay.config.Secret;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;

/**
 * Decides which requests may use the admin API: requests of programs on this machine and of the
 * server's own page. Other requests get 404.
 *
 * <p>A reverse proxy on the same machine also connects from loopback, and its requests must be
 * refused. A proxy is recognized by the Host that it forwards or by the headers that it adds. A
 * proxy that does neither (nginx with only {@code proxy_pass}) looks like a local program. A server
 * with a public URL therefore requires a token.
 */
final class AdminAuthorizer {

  private static final Set<String> LOOPBACK = Set.of("localhost", "127.0.0.1", "[::1]");

  /** Headers that proxies add, apart from headers that begin with {@code x-forwarded}. */
  private static final Set<String> OF_PROXIES =
      Set.of("forwarded", "via", "x-real-ip", "x-client-ip", "true-client-ip", "cf-connecting-ip");

  private static final Set<String> OWN_FETCHES = Set.of("same-origin", "none");

  /** The decision about a request. */
  enum Answer {
    OPEN,
    /** Refused with 404, so that the caller does not learn of the API. */
    HIDDEN,
    /** A local request without the correct token. */
    TOKEN_MISSING
  }

  /**
   * The properties of a request that the decision needs.
   *
   * @param secure whether it came over TLS
   * @param fromLoopback whether the TCP connection comes from this machine
   * @param headerNames the names of all headers, in lower case
   * @param hosts every Host header
   * @param origins every Origin header
   * @param fetchSite every Sec-Fetch-Site header: browsers send it also where they send no Origin
   * @param bearer the bearer token, if any
   */
  record Visit(
      boolean secure,
      boolean fromLoopback,
      List<String> headerNames,
      List<String> hosts,
      List<String> origins,
      List<String> fetchSite,
      Optional<String> bearer) {}

  private final Optional<byte[]> token;
  private final boolean tokenOnly;

  AdminAuthorizer(Optional<Secret> token, Optional<URI> publicUrl) {
    this.token = token.map(secret -> sha256(secret.value()));
    this.tokenOnly =
        publicUrl.map(URI::getHost).filter(host -> !LOOPBACK.contains(lower(host))).isPresent();
  }

  Answer answer(Visit visit) {
    if (!visit.fromLoopback()
        || visit.hosts().size() != 1
        || !LOOPBACK.contains(withoutPort(lower(visit.hosts().getFirst())))
        || visit.headerNames().stream().anyMatch(AdminAuthorizer::isOfProxy)
        || !visit.origins().stream().allMatch(origin -> isOwn(origin, visit))
        || !OWN_FETCHES.containsAll(visit.fetchSite())) {
      return Answer.HIDDEN;
    }
    if (token.isEmpty()) {
      return tokenOnly ? Answer.HIDDEN : Answer.OPEN;
    }
    var shown = visit.bearer().map(AdminAuthorizer::sha256);
    // The comparison of the hashes takes constant time, so that its duration reveals nothing about
    // the token.
    return shown.isPresent() && MessageDigest.isEqual(token.get(), shown.get())
        ? Answer.OPEN
        : Answer.TOKEN_MISSING;
  }

  private static boolean isOfProxy(String name) {
    return OF_PROXIES.contains(name) || name.startsWith("x-forwarded");
  }

  private static boolean isOwn(String origin, Visit visit) {
    var scheme = visit.secure() ? "https://" : "http://";
    return lower(origin).equals(scheme + lower(visit.hosts().getFirst()));
  }

  /**
   * A Host header without its port. The port must be a number of at most five digits; otherwise the
   * header stays as it is.
   */
  private static String withoutPort(String host) {
    return host.replaceFirst(":[0-9]{1,5}$", "");
  }

  private static String lower(String text) {
    return text.toLowerCase(Locale.ROOT);
  }

  private static byte[] sha256(String text) {
    try {
      return MessageDigest.getInstance("SHA-256").digest(text.getBytes(StandardCharsets.UTF_8));
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java platform has SHA-256", e);
    }
  }
}
