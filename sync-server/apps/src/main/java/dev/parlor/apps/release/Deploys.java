package dev.parlor.apps.release;

import dev.parlor.apps.asset.AssetStore;
import dev.parlor.apps.content.ContentId;
import dev.parlor.apps.content.FileSystemId;
import dev.parlor.apps.error.AppsException;
import dev.parlor.apps.error.ErrorCode;
import dev.parlor.apps.limits.AppLimits;
import dev.parlor.apps.limits.Quotas;
import dev.parlor.apps.record.Futures;
import dev.parlor.apps.record.Transaction;
import dev.parlor.apps.record.Transactions;
import dev.parlor.apps.release.CheckedFiles.Source;
import dev.parlor.apps.release.ReleaseBuilder.Built;
import dev.parlor.apps.release.ReleaseBuilder.Loaded;
import dev.parlor.apps.slug.Slugs;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;

/**
 * Deploys files: check, build, store the assets, and then write the release in one batch. Until
 * that batch is committed nothing refers to the assets, so a failure leaves the app as it was.
 * Blocks; runs on virtual threads.
 */
final class Deploys {
  private final Transactions transactions;
  private final AssetStore assets;
  private final ReleaseBuilder builder;
  private final UserSlugs userSlugs;
  private final Quotas quotas;
  private final Supplier<String> newSlug;
  private final InstantSource clock;

  Deploys(
      Transactions transactions,
      AssetStore assets,
      ReleaseBuilder builder,
      UserSlugs userSlugs,
      Quotas quotas,
      Supplier<String> newSlug,
      InstantSource clock) {
    this.transactions = transactions;
    this.assets = assets;
    this.builder = builder;
    this.userSlugs = userSlugs;
    this.quotas = quotas;
    this.newSlug = newSlug;
    this.clock = clock;
  }

  /** The parts of a release that do not depend on its number. */
  private record Contents(
      String userSlug, String appSlug, ContentId fsId, DeployRequest request, Built built) {}

  Deployment deploy(String userId, DeployRequest request) {
    request.userSlug().ifPresent(Slugs::requireUserSlug);
    request.appSlug().ifPresent(Slugs::requireAppSlug);
    var checked = CheckedFiles.of(request);
    var loaded = load(userId, checked);
    var parts =
        loaded.stream()
            .map(one -> new FileSystemId.Part(one.file().name(), one.file().given(), one.id()))
            .toList();
    var fsId = FileSystemId.of(parts, request.environment(), checked.entryPoint());
    var earlier = earlier(userId, request, fsId);
    if (earlier.isPresent()) {
      return new Deployment(earlier.get(), checked.warnings());
    }
    var built = builder.build(loaded, checked.entryPoint());
    var userSlug = userSlug(userId, request);
    var release = commit(userId, userSlug, fsId, request, built);
    var warnings = new ArrayList<>(checked.warnings());
    warnings.addAll(built.warnings());
    return new Deployment(release, warnings);
  }

  private List<Loaded> load(String userId, CheckedFiles checked) {
    var loaded = new ArrayList<Loaded>();
    var bytes = 0L;
    for (var file : checked.files()) {
      var content =
          switch (file.source()) {
            case Source.Inline(var inline) -> new Loaded(file, inline, ContentId.of(inline));
            case Source.Stored(var id) -> stored(userId, file, id);
          };
      bytes += content.bytes().length();
      if (bytes > AppLimits.DEPLOY_BYTES_MAX) {
        throw AppsException.of(
                ErrorCode.TOO_LARGE,
                "all files of a deploy together have at most "
                    + AppLimits.DEPLOY_BYTES_MAX
                    + " bytes")
            .at("fileSystem");
      }
      loaded.add(content);
    }
    return loaded;
  }

  private Loaded stored(String userId, CheckedFiles.Checked file, ContentId id) {
    var isUsed =
        Futures.await(transactions.run(userId, one -> new AppRecords(one, userId).uses(id)));
    return (isUsed
            ? Futures.await(assets.get(id))
            : Optional.<dev.parlor.crdt.identity.Bytes>empty())
        .map(bytes -> new Loaded(file, bytes, id))
        .orElseThrow(() -> CheckedFiles.unknownReference(file.path()));
  }

  /** The release with the same files, if the request names its app; production is kept or added. */
  private Optional<Release> earlier(String userId, DeployRequest request, ContentId fsId) {
    var userSlug = request.userSlug().or(() -> userSlugs.first(userId));
    if (userSlug.isEmpty() || request.appSlug().isEmpty()) {
      return Optional.empty();
    }
    return Futures.await(
        transactions.run(
            userId,
            one ->
                existing(
                    one, userId, userSlug.get(), request.appSlug().get(), fsId, request.mode())));
  }

  private Optional<Release> existing(
      Transaction transaction,
      String userId,
      String userSlug,
      String appSlug,
      ContentId fsId,
      Mode mode) {
    var records = new AppRecords(transaction, userId);
    if (records.userSlug(userSlug).filter(claim -> claim.userId().equals(userId)).isEmpty()) {
      return Optional.empty();
    }
    var number = records.numberOf(userSlug, appSlug, fsId);
    if (number.isEmpty()) {
      return Optional.empty();
    }
    var release = records.release(userSlug, appSlug, number.getAsLong()).orElseThrow();
    return Optional.of(
        mode == Mode.PRODUCTION
            ? Publishing.promote(records, release, false, clock.instant())
            : release);
  }

  private String userSlug(String userId, DeployRequest request) {
    return request.userSlug().isPresent()
        ? userSlugs.bind(userId, request.userSlug()).userSlug()
        : userSlugs.firstOrNew(userId);
  }

  private Release commit(
      String userId, String userSlug, ContentId fsId, DeployRequest request, Built built) {
    if (request.appSlug().isPresent()) {
      var contents = new Contents(userSlug, request.appSlug().get(), fsId, request, built);
      return Futures.await(transactions.run(userId, one -> write(one, userId, contents)));
    }
    for (var draw = 0; draw < AppLimits.SLUG_DRAWS_MAX; draw++) {
      var contents = new Contents(userSlug, newSlug.get(), fsId, request, built);
      var written =
          Slugs.isSlug(contents.appSlug())
              ? Futures.await(transactions.run(userId, one -> writeNew(one, userId, contents)))
              : Optional.<Release>empty();
      if (written.isPresent()) {
        return written.get();
      }
    }
    throw UserSlugs.exhausted();
  }

  /** As {@link #write}, for a drawn slug; empty if the user has an app with it. */
  private Optional<Release> writeNew(Transaction transaction, String userId, Contents contents) {
    return new AppRecords(transaction, userId)
            .app(contents.userSlug(), contents.appSlug())
            .isEmpty()
        ? Optional.of(write(transaction, userId, contents))
        : Optional.empty();
  }

  private Release write(Transaction transaction, String userId, Contents contents) {
    var mode = contents.request().mode();
    var before =
        existing(
            transaction, userId, contents.userSlug(), contents.appSlug(), contents.fsId(), mode);
    if (before.isPresent()) {
      return before.get(); // An equal deploy was faster.
    }
    var records = new AppRecords(transaction, userId);
    if (records
        .userSlug(contents.userSlug())
        .filter(one -> one.userId().equals(userId))
        .isEmpty()) {
      throw UserSlugs.ownedByAnother(contents.userSlug());
    }
    var now = clock.instant();
    var account = records.account();
    var app = records.app(contents.userSlug(), contents.appSlug());
    if (app.isEmpty()) {
      if (account.apps() >= quotas.appSlugsMax()) {
        throw AppsException.of(
            ErrorCode.MAX_APP_SLUGS_REACHED,
            "a user has at most "
                + quotas.appSlugsMax()
                + " apps; deploy under the slug of an app that you have");
      }
      account = account.withApps(1);
    }
    if (account.releases() >= quotas.releasesMax()) {
      account = Eviction.evict(records, account, quotas.releasesMax());
    }
    var number = app.map(AppRecords.App::lastSeq).orElse(0L) + 1;
    var release =
        new Release(
            contents.userSlug(),
            contents.appSlug(),
            number,
            contents.fsId(),
            mode,
            contents.request().environment(),
            contents.built().files(),
            now);
    account = account.withReleases(1).withBytes(records.add(release));
    if (account.bytes() > quotas.bytesMax()) {
      throw AppsException.of(
          ErrorCode.TOO_LARGE,
          "the files of all your releases together have at most " + quotas.bytesMax() + " bytes");
    }
    records.account(account);
    records.app(
        contents.userSlug(),
        contents.appSlug(),
        new AppRecords.App(
            userId,
            number,
            mode == Mode.PRODUCTION ? number : app.map(AppRecords.App::productionSeq).orElse(0L),
            app.map(AppRecords.App::unpublishedAt).orElse(null),
            app.map(AppRecords.App::created).orElse(now.toString()),
            now.toString()));
    return release;
  }
}
