package dev.parlor.server;

import dev.parlor.apps.address.AppUrls;
import dev.parlor.apps.content.ContentId;
import java.net.URI;
import java.util.Optional;
import java.util.function.Supplier;

/**
 * The URLs of apps by path. Nothing is served under them yet; the part that serves apps brings its
 * own URLs.
 *
 * @param base the server's URL
 */
record PathUrls(Supplier<URI> base) implements AppUrls {

  @Override
  public URI app(String userSlug, String appSlug, Optional<ContentId> fsId) {
    var release = fsId.map(id -> "~" + id.text() + "~/").orElse("");
    return URI.create(base.get() + "/a/" + userSlug + "/" + appSlug + "/" + release);
  }

  @Override
  public URI page(String userSlug, String appSlug) {
    return URI.create(base.get() + "/vibe/" + userSlug + "/" + appSlug);
  }
}
