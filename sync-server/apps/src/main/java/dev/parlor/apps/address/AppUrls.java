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
}
