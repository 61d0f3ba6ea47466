package dev.parlor.server.http;

import dev.parlor.server.config.Secret;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;

/**
 * Decides who may administer the server: programs on this machine, and its own page. To everybody
 * else there is nothing here.
 *
 * <p>A reverse proxy on the same machine must not open the door, and its connections come from
 * loopback too. It gives itself away by the Host that it passes on or by the headers that it adds;
 * one that does neither (nginx with nothing but {@code proxy_pass}) cannot be told from a program
 * of this machine. So a server that is reached under a public URL is administered with a token
 * only.
 */
final class AdminAuthorizer {

  private static final Set<String> LOOPBACK = Set.of("localhost", "127.0.0.1", "[::1]");

  /** What proxies add, beside everything that begins with {@code x-forwarded}. */
  private static final Set<String> OF_PROXIES =
      Set.of("forwarded", "via", "x-real-ip", "x-client-ip", "true-client-ip", "cf-connecting-ip");

  private static final Set<String> OWN_FETCHES = Set.of("same-origin", "none");

  /** What the door answers. */
  enum Answer {
    OPEN,
    /** As if there were nothing. */
    HIDDEN,
    /** On this machine, without the token. */
    TOKEN_MISSING
  }

  /**
   * What is known of a request.
   *
   * @param fromLoopback whether the TCP connection comes from this machine
   * @param headerNames lower case
   * @param hosts every Host header
   * @param origins every Origin header
   * @param fetchSite every Sec-Fetch-Site header: browsers say so where there is no Origin
   * @param bearer the token that is shown
   */
  record Visit(
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
        || !visit.origins().stream().allMatch(origin -> isOwn(origin, visit.hosts().getFirst()))
        || !OWN_FETCHES.containsAll(visit.fetchSite())) {
      return Answer.HIDDEN;
    }
    if (token.isEmpty()) {
      return tokenOnly ? Answer.HIDDEN : Answer.OPEN;
    }
    var shown = visit.bearer().map(AdminAuthorizer::sha256);
    // Hashes of equal length in constant time: how long it takes tells nothing of the token.
    return shown.isPresent() && MessageDigest.isEqual(token.get(), shown.get())
        ? Answer.OPEN
        : Answer.TOKEN_MISSING;
  }

  private static boolean isOfProxy(String name) {
    return OF_PROXIES.contains(name) || name.startsWith("x-forwarded");
  }

  private static boolean isOwn(String origin, String host) {
    return lower(origin).equals("http://" + lower(host));
  }

  /** The name of a Host header; what follows the port sign must be a number. */
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
