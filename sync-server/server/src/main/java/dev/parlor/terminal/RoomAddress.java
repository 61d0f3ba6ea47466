package dev.parlor.terminal;

import java.net.URI;
import java.net.URISyntaxException;
import java.util.regex.Pattern;

/**
 * The parts of a room's link: {@code http://host:port/r/<slug>#k=<key>}.
 *
 * @param server scheme, host and port, and the base path if there is one
 */
record RoomAddress(String server, String slug, String key) {
  private static final Pattern PATH = Pattern.compile("(|/.+)/r/([^/]+)/?");

  static RoomAddress parse(String link) {
    try {
      var uri = new URI(link);
      var path = PATH.matcher(uri.getPath() == null ? "" : uri.getPath());
      var fragment = uri.getFragment() == null ? "" : uri.getFragment();
      if (path.matches() && fragment.startsWith("k=") && uri.getAuthority() != null) {
        return new RoomAddress(
            uri.getScheme() + "://" + uri.getAuthority() + path.group(1),
            path.group(2),
            fragment.substring("k=".length()));
      }
    } catch (URISyntaxException _) {
      // The same sentence follows.
    }
    throw new TerminalException(
        "the link of a room looks like http://127.0.0.1:8787/r/<room>#k=<key>;"
            + " put it in quotation marks");
  }

  URI api(String path) {
    return URI.create(server + "/api" + path);
  }

  URI room(String path) {
    return api("/rooms/" + slug + path);
  }

  URI socket() {
    return URI.create(server.replaceFirst("^http", "ws") + "/api/rooms/" + slug + "/json");
  }
}
