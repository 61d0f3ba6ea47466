package dev.parlor.apps.release;

import dev.parlor.apps.asset.AssetStore;
import dev.parlor.apps.content.ContentId;
import dev.parlor.apps.limits.Quotas;
import dev.parlor.apps.record.Futures;
import dev.parlor.apps.record.Transactions;
import dev.parlor.apps.transform.ImportMaps;
import dev.parlor.apps.transform.SourceTransformer;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.function.Supplier;

/** Apps in the record store. */
public final class StoredApps implements AppService {
  private final Deploys deploys;
  private final UserSlugs userSlugs;
  private final Publishing publishing;

  /**
   * @param newSlug draws a slug of three words
   */
  public StoredApps(
      Transactions transactions,
      AssetStore assets,
      SourceTransformer transformer,
      ImportMaps importMaps,
      Quotas quotas,
      Supplier<String> newSlug,
      InstantSource clock) {
    this.userSlugs = new UserSlugs(transactions, quotas, newSlug, clock);
    this.publishing = new Publishing(transactions, clock);
    this.deploys =
        new Deploys(
            transactions,
            assets,
            new ReleaseBuilder(assets, transformer, importMaps),
            userSlugs,
            quotas,
            newSlug,
            clock);
  }

  /** Finds the releases to serve. */
  public ReleaseReader reader() {
    return publishing;
  }

  @Override
  public CompletableFuture<Deployment> deploy(String userId, DeployRequest request) {
    return Futures.onVirtualThread(() -> deploys.deploy(userId, request));
  }

  @Override
  public CompletableFuture<Published> publish(
      String userId,
      String userSlug,
      String appSlug,
      Optional<ContentId> fsId,
      Attribution attribution) {
    return publishing.publish(userId, userSlug, appSlug, fsId, attribution);
  }

  @Override
  public CompletableFuture<Unpublished> setUnpublished(
      String userId, String userSlug, String appSlug, boolean unpublished) {
    return publishing.setUnpublished(userId, userSlug, appSlug, unpublished);
  }

  @Override
  public CompletableFuture<List<Version>> versions(String userId, String userSlug, String appSlug) {
    return publishing.versions(userId, userSlug, appSlug);
  }

  @Override
  public CompletableFuture<Release> setMode(
      String userId, String userSlug, String appSlug, ContentId fsId, Mode mode) {
    return publishing.setMode(userId, userSlug, appSlug, fsId, mode);
  }

  @Override
  public CompletableFuture<Found> find(
      Optional<String> userId, String userSlug, String appSlug, Optional<ContentId> fsId) {
    return publishing.find(userId, userSlug, appSlug, fsId);
  }

  @Override
  public CompletableFuture<List<AppSummary>> apps(String userId) {
    return publishing.apps(userId);
  }

  @Override
  public CompletableFuture<UserSlug> bindUserSlug(String userId, Optional<String> userSlug) {
    return Futures.onVirtualThread(() -> userSlugs.bind(userId, userSlug));
  }

  @Override
  public CompletableFuture<Boolean> removeUserSlug(String userId, String userSlug) {
    return Futures.onVirtualThread(() -> userSlugs.remove(userId, userSlug));
  }

  @Override
  public CompletableFuture<List<UserSlug>> userSlugs(String userId) {
    return Futures.onVirtualThread(() -> userSlugs.all(userId));
  }
}
