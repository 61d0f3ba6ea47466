package dev.parlor.relay.address;

import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;

/**
 * The path below which a proxy serves this server, for example {@code /parlor}; empty for the root
 * of the host.
 *
 * <p>Some proxies pass the path on, and others remove it. So the server answers both {@code
 * /parlor/api} and {@code /api}. The URLs that it sends begin with the base path in both cases.
 *
 * @param text empty, or a path that begins with a slash and does not end with a slash
 */
public record BasePath(String text) {

  /** The base path of a server at the root of its host. */
  public static final BasePath ROOT = new BasePath("");

  private static final int LENGTH_MAX = 200;
  private static final String SEGMENT = "/[A-Za-z0-9_-][A-Za-z0-9._-]*";
  private static final Pattern PATH = Pattern.compile("(?:" + SEGMENT + ")+");

  /** First segments of the server's own paths; below such a base path a URL would be ambiguous. */
  private static final Set<String> RESERVED =
      Set.of(
          "a", "api", "assets", "health", "metrics", "r", "room", "rooms", "run", "sync", "v1",
          "vibe");

  public BasePath {
    if (!text.isEmpty() && !isValid(text)) {
      throw new IllegalArgumentException("\"" + text + "\" is not a base path");
    }
  }

  /**
   * Parses a path with or without a slash at its end; {@code /} is the root.
   *
   * @return empty if the text is no path of plain segments, or if it begins like the server's own
   *     paths
   */
  public static Optional<BasePath> parse(String text) {
    var path = text.endsWith("/") ? text.substring(0, text.length() - 1) : text;
    return path.isEmpty() || isValid(path) ? Optional.of(new BasePath(path)) : Optional.empty();
  }

  private static boolean isValid(String path) {
    return path.length() <= LENGTH_MAX
        && PATH.matcher(path).matches()
        && !RESERVED.contains(path.split("/", 3)[1].toLowerCase(Locale.ROOT));
  }

  /** Whether the server is at the root of its host. */
  public boolean isRoot() {
    return text.isEmpty();
  }

  /** The path of a URL for clients. */
  public String with(String path) {
    return text + path;
  }

  /** The path of a request without the base path; any other path stays as it is. */
  public String without(String path) {
    if (!path.startsWith(text)) {
      return path;
    }
    var rest = path.substring(text.length());
    if (rest.isEmpty()) {
      return "/";
    }
    return rest.startsWith("/") ? rest : path;
  }
}
