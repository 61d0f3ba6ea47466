package dev.parlor.room.http;

import dev.parlor.relay.config.Secret;
import dev.parlor.room.http.Administration.OldToken;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Instant;
import java.time.InstantSource;
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
 * proxy that does neither (nginx with only {@code proxy_pass}) looks like a local program.
 * Therefore, if the server has a public URL, the API needs a token.
 */
final class AdminAuthorizer {

  private static final Set<String> LOOPBACK = Set.of("localhost", "127.0.0.1", "[::1]");

  /** Headers that proxies add, apart from headers that begin with {@code x-forwarded}. */
  private static final Set<String> PROXY_HEADERS =
      Set.of("forwarded", "via", "x-real-ip", "x-client-ip", "true-client-ip", "cf-connecting-ip");

  private static final Set<String> OWN_FETCH_SITES = Set.of("same-origin", "none");

  /** The decision about a request. */
  enum Decision {
    ALLOWED,
    /** Refused with 404, so that the caller does not learn that the API exists. */
    HIDDEN,
    /** A local request without the correct token. */
    TOKEN_MISSING
  }

  /**
   * The properties of a request that the decision needs.
   *
   * @param secure whether the request came over TLS
   * @param fromLoopback whether the TCP connection comes from this machine
   * @param headerNames the names of all headers, in lower case
   * @param hosts every Host header
   * @param origins every Origin header
   * @param fetchSites every Sec-Fetch-Site header; browsers send it also if they send no Origin
   * @param bearer the bearer token, if any
   */
  record AdminRequest(
      boolean secure,
      boolean fromLoopback,
      List<String> headerNames,
      List<String> hosts,
      List<String> origins,
      List<String> fetchSites,
      Optional<String> bearer) {}

  private final Optional<byte[]> token;
  private final Optional<byte[]> oldToken;
  private final Instant oldTokenUntil;
  private final InstantSource clock;
  private final boolean requiresToken;

  AdminAuthorizer(
      Optional<Secret> token,
      Optional<OldToken> oldToken,
      Optional<URI> publicUrl,
      InstantSource clock) {
    this.token = token.map(secret -> sha256(secret.value()));
    this.oldToken = oldToken.map(old -> sha256(old.token().value()));
    this.oldTokenUntil = oldToken.map(OldToken::until).orElse(Instant.MIN);
    this.clock = clock;
    this.requiresToken =
        publicUrl.map(URI::getHost).filter(host -> !LOOPBACK.contains(lower(host))).isPresent();
  }

  Decision decide(AdminRequest request) {
    if (!request.fromLoopback()
        || request.hosts().size() != 1
        || !LOOPBACK.contains(withoutPort(lower(request.hosts().getFirst())))
        || request.headerNames().stream().anyMatch(AdminAuthorizer::isProxyHeader)
        || !request.origins().stream().allMatch(origin -> isOwnOrigin(origin, request))
        || !OWN_FETCH_SITES.containsAll(request.fetchSites())) {
      return Decision.HIDDEN;
    }
    if (token.isEmpty()) {
      return requiresToken ? Decision.HIDDEN : Decision.ALLOWED;
    }
    var sentHash = request.bearer().map(AdminAuthorizer::sha256);
    return sentHash.filter(this::isAccepted).isPresent()
        ? Decision.ALLOWED
        : Decision.TOKEN_MISSING;
  }

  /** Compares in constant time, so that the duration reveals nothing about a token. */
  private boolean isAccepted(byte[] sentHash) {
    var isOldInTime = clock.instant().isBefore(oldTokenUntil);
    return token.filter(hash -> MessageDigest.isEqual(hash, sentHash)).isPresent()
        || (isOldInTime
            && oldToken.filter(hash -> MessageDigest.isEqual(hash, sentHash)).isPresent());
  }

  private static boolean isProxyHeader(String name) {
    return PROXY_HEADERS.contains(name) || name.startsWith("x-forwarded");
  }

  private static boolean isOwnOrigin(String origin, AdminRequest request) {
    var scheme = request.secure() ? "https://" : "http://";
    return lower(origin).equals(scheme + lower(request.hosts().getFirst()));
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
