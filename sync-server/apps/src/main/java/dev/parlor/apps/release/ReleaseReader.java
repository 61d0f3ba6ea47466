package dev.parlor.apps.release;

import dev.parlor.apps.content.ContentId;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;

/** Finds the release to serve. Safe from any thread. */
public interface ReleaseReader {

  /** The latest production release of the app; empty if there is none or the app is unpublished. */
  CompletableFuture<Optional<Release>> production(String userSlug, String appSlug);

  /** The release with these files, in any mode; empty if there is none. */
  CompletableFuture<Optional<Release>> byFiles(String userSlug, String appSlug, ContentId fsId);

  /** The name of the author that the app's page shows; empty if the author wants no name there. */
  CompletableFuture<Optional<String>> author(String userSlug, String appSlug);
}
