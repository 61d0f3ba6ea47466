package dev.parlor.room.http;

import dev.parlor.relay.address.BasePath;
import dev.parlor.relay.admission.Role;
import dev.parlor.room.access.RoomLinks;
import java.net.URI;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Builds the URLs of pages and sockets. They begin with the configured public URL, or else with the
 * host of the request, followed by the base path.
 */
public final class Links {
  private final @Nullable URI publicUrl;
  private final BasePath base;
  private final RoomLinks keys;

  /**
   * @param publicUrl the URL of the server for clients, with the base path; empty to use the host
   *     of each request
   */
  public Links(Optional<URI> publicUrl, BasePath base, RoomLinks keys) {
    this.publicUrl = publicUrl.orElse(null);
    this.base = base;
    this.keys = keys;
  }

  /**
   * The page URL for each role. The key is in the fragment, which browsers do not send to servers.
   */
  Map<String, String> pages(HttpCall call, String slug) {
    return byRole(slug, key -> page(call, slug, key));
  }

  /** The page URL with one key. */
  String page(HttpCall call, String slug, String key) {
    return base(call, "http") + "/r/" + slug + "#k=" + key;
  }

  /** The socket URL for each role, for unmodified automerge-repo clients. */
  Map<String, String> sockets(HttpCall call, String slug) {
    return byRole(slug, key -> socket(call, slug, key));
  }

  /** The socket URL with one key. */
  String socket(HttpCall call, String slug, String key) {
    return base(call, "ws") + "/sync/k/" + slug + "." + key;
  }

  /** The socket URL with a ticket, for browsers. */
  String ticketSocket(HttpCall call, String value) {
    return base(call, "ws") + "/sync/t/" + value;
  }

  private Map<String, String> byRole(
      String slug, java.util.function.Function<String, String> urlOfKey) {
    var links = new LinkedHashMap<String, String>();
    for (var role : Role.values()) {
      links.put(role.name().toLowerCase(Locale.ROOT), urlOfKey.apply(keys.key(slug, role)));
    }
    return links;
  }

  /**
   * @param scheme http or ws. It becomes https or wss if the public URL has https; without a public
   *     URL, if the request came over TLS
   */
  private String base(HttpCall call, String scheme) {
    var url = publicUrl;
    if (url == null) {
      return scheme + (call.isSecure() ? "s" : "") + "://" + call.host() + base.text();
    }
    var isSecure = "https".equalsIgnoreCase(url.getScheme());
    return scheme + (isSecure ? "s" : "") + url.toString().substring(url.getScheme().length());
  }
}
