package dev.parlor.apps.address;

import dev.parlor.apps.content.ContentId;
import java.net.URI;
import java.util.Optional;

/** The URLs of apps on this server. */
public interface AppUrls {

  /**
   * Where the app itself is served.
   *
   * @param fsId the files of one release; empty for the latest production release
   */
  URI app(String userSlug, String appSlug, Optional<ContentId> fsId);

  /** The page of this server that shows the app in a frame. */
  URI page(String userSlug, String appSlug);

  /**
   * The page of this server that shows one release of the app in a frame.
   *
   * @param fsId the files of the release; empty for the latest production release
   */
  default URI page(String userSlug, String appSlug, Optional<ContentId> fsId) {
    var page = page(userSlug, appSlug);
    return fsId.map(id -> URI.create(page + "/~" + id + "~/")).orElse(page);
  }
}
