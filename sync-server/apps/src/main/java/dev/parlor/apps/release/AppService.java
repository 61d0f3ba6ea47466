package dev.parlor.apps.release;

import dev.parlor.apps.content.ContentId;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;

/**
 * The requests about apps, for one proved user each. Every future completes when the outcome is
 * durable, or fails with an {@link dev.parlor.apps.error.AppsException}. Safe from any thread.
 */
public interface AppService {

  /** Deploys files; makes the slugs that are missing. */
  CompletableFuture<Deployment> deploy(String userId, DeployRequest request);

  /**
   * Makes a release the latest of production.
   *
   * @param fsId its files; empty takes the latest release
   * @param attribution whether the app's page shows its author's name from now on
   */
  CompletableFuture<Published> publish(
      String userId,
      String userSlug,
      String appSlug,
      Optional<ContentId> fsId,
      Attribution attribution);

  /** Hides the app from its address, or shows it again. */
  CompletableFuture<Unpublished> setUnpublished(
      String userId, String userSlug, String appSlug, boolean unpublished);

  /** All releases of the app, the latest first. */
  CompletableFuture<List<Version>> versions(String userId, String userSlug, String appSlug);

  /** Changes the mode of a release. */
  CompletableFuture<Release> setMode(
      String userId, String userSlug, String appSlug, ContentId fsId, Mode mode);

  /**
   * A release and what the user may do with it.
   *
   * @param userId empty for an anonymous request
   * @param fsId empty for the latest production release
   */
  CompletableFuture<Found> find(
      Optional<String> userId, String userSlug, String appSlug, Optional<ContentId> fsId);

  /** The user's apps, the last changed first. */
  CompletableFuture<List<AppSummary>> apps(String userId);

  /**
   * Binds a slug to the user; binding the user's own slug again succeeds.
   *
   * @param userSlug empty draws a new slug
   */
  CompletableFuture<UserSlug> bindUserSlug(String userId, Optional<String> userSlug);

  /**
   * Releases a slug of the user that has no apps.
   *
   * @return whether the slug was bound
   */
  CompletableFuture<Boolean> removeUserSlug(String userId, String userSlug);

  CompletableFuture<List<UserSlug>> userSlugs(String userId);

  /**
   * A published release.
   *
   * @param author the name that the app's page shows; empty if it shows none
   */
  record Published(Release release, Optional<String> author) {}

  /**
   * The times of hiding.
   *
   * @param unpublishedAt empty if the app is shown
   * @param previous the time before this request
   */
  record Unpublished(Optional<Instant> unpublishedAt, Optional<Instant> previous) {}

  /**
   * A release in a list.
   *
   * @param published whether the app's address shows it
   */
  record Version(ContentId fsId, Mode mode, long releaseSeq, Instant created, boolean published) {}

  record AppSummary(String userSlug, String appSlug, Instant updated) {}

  record UserSlug(String userSlug, Instant created, int apps) {}

  /** What a request for a release finds. */
  sealed interface Found {

    /** The user's own release, and the name of the author that the app's page shows. */
    record Own(Release release, Optional<String> author) implements Found {}

    /** A release that everybody may see, and the name of the author that the app's page shows. */
    record Public(Release release, Optional<String> author) implements Found {}

    /** The app is hidden, and is not the user's own. */
    record Hidden() implements Found {}

    record Missing() implements Found {}
  }
}
