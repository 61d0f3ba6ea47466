package dev.parlor.apps.release;

import dev.parlor.apps.content.ContentId;
import dev.parlor.apps.error.AppsException;
import dev.parlor.apps.error.ErrorCode;
import dev.parlor.apps.record.Transactions;
import dev.parlor.apps.release.AppRecords.App;
import dev.parlor.apps.release.AppService.Found;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;

/** The releases that an app's address shows, and the lists of apps and releases. */
final class Publishing implements ReleaseReader {

  /** The user of a request without a token; no record belongs to it. */
  private static final String ANONYMOUS = "";

  private final Transactions transactions;
  private final InstantSource clock;
  private final DecodedReleases decoded = new DecodedReleases();

  Publishing(Transactions transactions, InstantSource clock) {
    this.transactions = transactions;
    this.clock = clock;
  }

  CompletableFuture<AppService.Published> publish(
      String userId,
      String userSlug,
      String appSlug,
      Optional<ContentId> fsId,
      Attribution attribution) {
    return transactions.run(
        userId,
        one -> {
          var records = new AppRecords(one, userId);
          var app = own(records, userId, userSlug, appSlug);
          var number = fsId.map(id -> number(records, userSlug, appSlug, id)).orElse(app.lastSeq());
          var release =
              promote(records, release(records, userSlug, appSlug, number), true, clock.instant());
          records.author(userSlug, appSlug, attribution);
          return new AppService.Published(release, records.author(userSlug, appSlug));
        });
  }

  /**
   * Puts a release into production and lets the app's address show it.
   *
   * @param shows whether an unpublished app is shown again
   */
  static Release promote(AppRecords records, Release release, boolean shows, Instant now) {
    var app = records.app(release.userSlug(), release.appSlug()).orElseThrow();
    var unpublishedAt = shows ? null : app.unpublishedAt();
    if (release.mode() == Mode.PRODUCTION
        && app.productionSeq() == release.releaseSeq()
        && java.util.Objects.equals(unpublishedAt, app.unpublishedAt())) {
      return release;
    }
    var promoted = withMode(release, Mode.PRODUCTION);
    records.write(promoted);
    records.app(
        release.userSlug(),
        release.appSlug(),
        new App(
            app.userId(),
            app.lastSeq(),
            release.releaseSeq(),
            unpublishedAt,
            app.created(),
            now.toString()));
    return promoted;
  }

  CompletableFuture<AppService.Unpublished> setUnpublished(
      String userId, String userSlug, String appSlug, boolean unpublished) {
    return transactions.run(
        userId,
        one -> {
          var records = new AppRecords(one, userId);
          var app = own(records, userId, userSlug, appSlug);
          var previous = Optional.ofNullable(app.unpublishedAt());
          var at =
              unpublished
                  ? Optional.of(previous.orElseGet(() -> clock.instant().toString()))
                  : Optional.<String>empty();
          if (!at.equals(previous)) {
            records.app(
                userSlug,
                appSlug,
                new App(
                    app.userId(),
                    app.lastSeq(),
                    app.productionSeq(),
                    at.orElse(null),
                    app.created(),
                    clock.instant().toString()));
          }
          return new AppService.Unpublished(at.map(Instant::parse), previous.map(Instant::parse));
        });
  }

  CompletableFuture<List<AppService.Version>> versions(
      String userId, String userSlug, String appSlug) {
    return transactions.run(
        userId,
        one -> {
          var records = new AppRecords(one, userId);
          var app = own(records, userId, userSlug, appSlug);
          return records.releases(userSlug, appSlug).stream()
              .map(
                  release ->
                      new AppService.Version(
                          release.fsId(),
                          release.mode(),
                          release.releaseSeq(),
                          release.created(),
                          app.unpublishedAt() == null
                              && app.productionSeq() == release.releaseSeq()))
              .toList();
        });
  }

  CompletableFuture<Release> setMode(
      String userId, String userSlug, String appSlug, ContentId fsId, Mode mode) {
    return transactions.run(
        userId,
        one -> {
          var records = new AppRecords(one, userId);
          var app = own(records, userId, userSlug, appSlug);
          var number = number(records, userSlug, appSlug, fsId);
          var release = release(records, userSlug, appSlug, number);
          if (mode == Mode.PRODUCTION) {
            return promote(records, release, false, clock.instant());
          }
          var changed = withMode(release, Mode.DEV);
          records.write(changed);
          if (app.productionSeq() == number) {
            var next =
                records.releases(userSlug, appSlug).stream()
                    .filter(
                        other -> other.mode() == Mode.PRODUCTION && other.releaseSeq() != number)
                    .mapToLong(Release::releaseSeq)
                    .max()
                    .orElse(0);
            records.app(
                userSlug,
                appSlug,
                new App(
                    app.userId(),
                    app.lastSeq(),
                    next,
                    app.unpublishedAt(),
                    app.created(),
                    clock.instant().toString()));
          }
          return changed;
        });
  }

  CompletableFuture<List<AppService.AppSummary>> apps(String userId) {
    return transactions.run(
        userId,
        one -> {
          var records = new AppRecords(one, userId);
          return records.appNames().stream()
              .map(
                  name ->
                      new AppService.AppSummary(
                          name.getFirst(),
                          name.getLast(),
                          Instant.parse(
                              records
                                  .app(name.getFirst(), name.getLast())
                                  .orElseThrow()
                                  .updated())))
              .sorted(Comparator.comparing(AppService.AppSummary::updated).reversed())
              .toList();
        });
  }

  CompletableFuture<Found> find(
      Optional<String> userId, String userSlug, String appSlug, Optional<ContentId> fsId) {
    return transactions.read(
        one -> {
          var records = new AppRecords(one, userId.orElse(ANONYMOUS));
          var app = records.app(userSlug, appSlug);
          if (app.isEmpty()) {
            return new Found.Missing();
          }
          var release = requested(records, app.get(), userSlug, appSlug, fsId);
          var author = records.author(userSlug, appSlug);
          var isOwn = userId.filter(app.get().userId()::equals).isPresent();
          if (release.isEmpty()) {
            return new Found.Missing();
          }
          if (isOwn) {
            return new Found.Own(release.get(), author);
          }
          return app.get().unpublishedAt() != null
              ? new Found.Hidden()
              : new Found.Public(release.get(), author);
        });
  }

  @Override
  public CompletableFuture<Optional<Release>> production(String userSlug, String appSlug) {
    return shown(userSlug, appSlug, Optional.empty());
  }

  @Override
  public CompletableFuture<Optional<Release>> byFiles(
      String userSlug, String appSlug, ContentId fsId) {
    return shown(userSlug, appSlug, Optional.of(fsId));
  }

  @Override
  public CompletableFuture<Optional<String>> author(String userSlug, String appSlug) {
    return transactions.read(one -> new AppRecords(one, ANONYMOUS).author(userSlug, appSlug));
  }

  /** The release that everybody can open; empty if there is none or the app is unpublished. */
  private CompletableFuture<Optional<Release>> shown(
      String userSlug, String appSlug, Optional<ContentId> fsId) {
    return transactions.read(
        one -> {
          var records = new AppRecords(one, ANONYMOUS);
          return records
              .app(userSlug, appSlug)
              .filter(app -> app.unpublishedAt() == null)
              .flatMap(app -> requested(records, app, userSlug, appSlug, fsId));
        });
  }

  /** The release with these files, or else the release in production. */
  private Optional<Release> requested(
      AppRecords records, App app, String userSlug, String appSlug, Optional<ContentId> fsId) {
    var number =
        fsId.map(id -> records.numberOf(userSlug, appSlug, id).orElse(0))
            .orElse(app.productionSeq());
    return records.release(userSlug, appSlug, number, decoded);
  }

  private static App own(AppRecords records, String userId, String userSlug, String appSlug) {
    var app = records.app(userSlug, appSlug).orElseThrow(() -> missing("there is no such app"));
    if (!app.userId().equals(userId)) {
      throw AppsException.of(ErrorCode.ACCESS_DENIED, "this app belongs to another user");
    }
    return app;
  }

  private static long number(AppRecords records, String userSlug, String appSlug, ContentId fsId) {
    return records
        .numberOf(userSlug, appSlug, fsId)
        .orElseThrow(() -> missing("this app has no release with these files").at("fsId"));
  }

  private static Release release(AppRecords records, String userSlug, String appSlug, long number) {
    return records
        .release(userSlug, appSlug, number)
        .orElseThrow(() -> missing("the release is no longer stored"));
  }

  private static AppsException missing(String sentence) {
    return AppsException.of(ErrorCode.NOT_FOUND, sentence);
  }

  private static Release withMode(Release release, Mode mode) {
    return new Release(
        release.userSlug(),
        release.appSlug(),
        release.releaseSeq(),
        release.fsId(),
        mode,
        release.environment(),
        release.files(),
        release.created());
  }
}
