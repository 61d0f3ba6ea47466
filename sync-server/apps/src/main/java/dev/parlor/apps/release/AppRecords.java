package dev.parlor.apps.release;

import dev.parlor.apps.asset.StoredAssets;
import dev.parlor.apps.content.ContentId;
import dev.parlor.apps.record.JsonRecord;
import dev.parlor.apps.record.Keys;
import dev.parlor.apps.record.Transaction;
import dev.parlor.apps.slug.Slugs;
import dev.parlor.crdt.identity.Bytes;
import dev.parlor.relay.storage.RecordStore.Range;
import dev.parlor.relay.storage.RecordStore.RecordKey;
import java.time.Instant;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The records of one user's apps within a transaction.
 *
 * <pre>
 *   accounts            userId                          counts and bytes; read by every transaction
 *   userslugs           userSlug                        its user
 *   userslugs-by-user   userId/userSlug                 the time of binding
 *   appslugs            userSlug/appSlug                its user, numbers and times
 *   appslugs-by-user    userId/userSlug/appSlug         an entry per app
 *   app-authors         userSlug/appSlug                the author's name, if the app's page shows it
 *   apps                userSlug/appSlug/number         a release
 *   apps-fs             userSlug/appSlug/fsId           the number of the release with these files
 *   apps-by-user        userId/time/userSlug/appSlug/number   the mode of a release, the oldest first
 * </pre>
 */
final class AppRecords {
  /** The table with the counts of each user. */
  static final String ACCOUNTS = "accounts";

  private static final String AUTHORS = "app-authors";

  private static final JsonRecord<Account> ACCOUNT = new JsonRecord<>(Account.class);
  private static final JsonRecord<App> APP = new JsonRecord<>(App.class);
  private static final JsonRecord<StoredRelease> RELEASE = new JsonRecord<>(StoredRelease.class);
  private static final JsonRecord<UserSlug> USER_SLUG = new JsonRecord<>(UserSlug.class);

  /** Records of one user that are listed at once; the quotas keep the numbers below it. */
  private static final int LISTED_MAX = 10_000;

  private final Transaction transaction;
  private final String userId;

  AppRecords(Transaction transaction, String userId) {
    this.transaction = transaction;
    this.userId = userId;
  }

  /**
   * The counts of a user.
   *
   * @param drawnSlug the slug that was drawn for the user's first deploy, so that first deploys at
   *     the same time use one slug; null if none was drawn
   */
  record Account(int slugs, int apps, int releases, long bytes, @Nullable String drawnSlug) {
    static final Account EMPTY = new Account(0, 0, 0, 0, null);

    Account withSlugs(int more) {
      return new Account(slugs + more, apps, releases, bytes, drawnSlug);
    }

    Account withApps(int more) {
      return new Account(slugs, apps + more, releases, bytes, drawnSlug);
    }

    Account withReleases(int more) {
      return new Account(slugs, apps, releases + more, bytes, drawnSlug);
    }

    Account withBytes(long more) {
      return new Account(slugs, apps, releases, bytes + more, drawnSlug);
    }

    Account withDrawnSlug(String slug) {
      return new Account(slugs, apps, releases, bytes, slug);
    }
  }

  /**
   * An app.
   *
   * @param lastSeq the number of the latest release; 0 if there was none
   * @param productionSeq the release that the app's address shows; 0 for none
   * @param unpublishedAt the time of hiding; null while the app is shown
   */
  record App(
      String userId,
      long lastSeq,
      long productionSeq,
      @Nullable String unpublishedAt,
      String created,
      String updated) {}

  /** The binding of a user's slug. */
  record UserSlug(String userId, String created) {}

  /** A release in the list of the user's releases. */
  record Listed(String key, String userSlug, String appSlug, long seq, boolean isDev) {}

  Account account() {
    return transaction.read(key(ACCOUNTS, userId)).map(ACCOUNT::read).orElse(Account.EMPTY);
  }

  void account(Account account) {
    transaction.put(key(ACCOUNTS, userId), ACCOUNT.write(account));
  }

  /** The claim of a slug; empty if the slug is free, or is no slug. */
  Optional<UserSlug> userSlug(String slug) {
    return Slugs.isSlug(slug)
        ? transaction.read(key("userslugs", slug)).map(USER_SLUG::read)
        : Optional.empty();
  }

  /** Claims a slug; a claim is the only record of its batch, since all users share the names. */
  void claim(String slug, String created) {
    transaction.put(key("userslugs", slug), USER_SLUG.write(new UserSlug(userId, created)));
  }

  void removeClaim(String slug) {
    transaction.remove(key("userslugs", slug));
  }

  /** The time at which the user bound this slug; empty if it is not bound to the user. */
  Optional<Instant> boundAt(String userSlug) {
    return Slugs.isSlug(userSlug)
        ? transaction
            .read(key("userslugs-by-user", userId, userSlug))
            .map(stored -> Instant.parse(stored.toUtf8()))
        : Optional.empty();
  }

  void list(String userSlug, String created) {
    transaction.put(key("userslugs-by-user", userId, userSlug), Bytes.utf8(created));
  }

  void unlist(String userSlug) {
    transaction.remove(key("userslugs-by-user", userId, userSlug));
  }

  /** The user's slugs with the times of binding. */
  List<AppService.UserSlug> userSlugs() {
    return entries("userslugs-by-user", Keys.prefix(userId)).stream()
        .map(
            entry -> {
              var slug = entry.key().substring(userId.length() + 1);
              return new AppService.UserSlug(
                  slug, Instant.parse(entry.value().toUtf8()), apps(slug).size());
            })
        .toList();
  }

  /** The apps under a slug. */
  List<String> apps(String userSlug) {
    var prefix = Keys.prefix(userId, userSlug);
    return entries("appslugs-by-user", prefix).stream()
        .map(entry -> entry.key().substring(prefix.length()))
        .toList();
  }

  /** The app; empty if it does not exist, or if a name is no slug. */
  Optional<App> app(String userSlug, String appSlug) {
    return Slugs.isSlug(userSlug) && Slugs.isSlug(appSlug)
        ? transaction.read(key("appslugs", userSlug, appSlug)).map(APP::read)
        : Optional.empty();
  }

  void app(String userSlug, String appSlug, App app) {
    transaction.put(key("appslugs", userSlug, appSlug), APP.write(app));
    transaction.put(key("appslugs-by-user", userId, userSlug, appSlug), Bytes.utf8("{}"));
  }

  /** The name of the author that the app's page shows. */
  Optional<String> author(String userSlug, String appSlug) {
    return Slugs.isSlug(userSlug) && Slugs.isSlug(appSlug)
        ? transaction.read(key(AUTHORS, userSlug, appSlug)).map(Bytes::toUtf8)
        : Optional.empty();
  }

  /** Changes whether the app's page shows its author. */
  void author(String userSlug, String appSlug, Attribution attribution) {
    switch (attribution) {
      case Attribution.Unchanged() -> {}
      case Attribution.Hidden() -> transaction.remove(key(AUTHORS, userSlug, appSlug));
      case Attribution.Shown(var name) ->
          transaction.put(key(AUTHORS, userSlug, appSlug), Bytes.utf8(name));
    }
  }

  OptionalLong numberOf(String userSlug, String appSlug, ContentId fsId) {
    return transaction
        .read(key("apps-fs", userSlug, appSlug, fsId.text()))
        .map(stored -> OptionalLong.of(Long.parseLong(stored.toUtf8())))
        .orElse(OptionalLong.empty());
  }

  Optional<Release> release(String userSlug, String appSlug, long seq) {
    return transaction
        .read(key("apps", userSlug, appSlug, Keys.number(seq)))
        .map(stored -> RELEASE.read(stored).release(userSlug, appSlug, seq));
  }

  /** As {@link #release(String, String, long)}, without decoding a release that is decoded. */
  Optional<Release> release(String userSlug, String appSlug, long seq, DecodedReleases decoded) {
    return transaction
        .read(key("apps", userSlug, appSlug, Keys.number(seq)))
        .map(
            stored ->
                decoded.of(
                    userSlug,
                    appSlug,
                    seq,
                    stored,
                    () -> RELEASE.read(stored).release(userSlug, appSlug, seq)));
  }

  /** The releases of an app, the latest first. */
  List<Release> releases(String userSlug, String appSlug) {
    var prefix = Keys.prefix(userSlug, appSlug);
    return transaction.range(Range.ofPrefix("apps", prefix, LISTED_MAX).reversed()).stream()
        .map(
            entry ->
                RELEASE
                    .read(entry.value())
                    .release(
                        userSlug, appSlug, Long.parseLong(entry.key().substring(prefix.length()))))
        .toList();
  }

  /**
   * Adds a release, and the uses of its assets.
   *
   * @return the bytes of assets that the user did not use before
   */
  long add(Release release) {
    write(release);
    transaction.put(
        key("apps-fs", release.userSlug(), release.appSlug(), release.fsId().text()),
        Bytes.utf8(Long.toString(release.releaseSeq())));
    var bytes = 0L;
    var sizes = sizes(release);
    for (var id : sizes.keySet()) {
      if (StoredAssets.addUse(transaction, id, userId)) {
        bytes += sizes.get(id);
      }
    }
    return bytes;
  }

  /** Writes a changed release. */
  void write(Release release) {
    transaction.put(
        key("apps", release.userSlug(), release.appSlug(), Keys.number(release.releaseSeq())),
        RELEASE.write(StoredRelease.of(release)));
    transaction.put(listKey(release), Bytes.utf8(release.mode().wire()));
  }

  /**
   * Removes a release, and the uses of its assets.
   *
   * @return the bytes of assets that the user no longer uses
   */
  long remove(Release release) {
    transaction.remove(
        key("apps", release.userSlug(), release.appSlug(), Keys.number(release.releaseSeq())));
    transaction.remove(
        key("apps-fs", release.userSlug(), release.appSlug(), release.fsId().text()));
    transaction.remove(listKey(release));
    var bytes = 0L;
    var sizes = sizes(release);
    for (var id : sizes.keySet()) {
      if (StoredAssets.removeUse(transaction, id, userId)) {
        bytes += sizes.get(id);
      }
    }
    return bytes;
  }

  boolean uses(ContentId asset) {
    return StoredAssets.isUsedBy(transaction, asset, userId);
  }

  /** All releases of the user, the oldest first. */
  List<Listed> listed() {
    return entries("apps-by-user", Keys.prefix(userId)).stream()
        .map(
            entry -> {
              var parts = entry.key().substring(userId.length() + 1).split("/", -1);
              return new Listed(
                  entry.key(),
                  parts[1],
                  parts[2],
                  Long.parseLong(parts[3]),
                  entry.value().toUtf8().equals(Mode.DEV.wire()));
            })
        .toList();
  }

  /** The apps of the user, as user slug and app slug. */
  Set<List<String>> appNames() {
    var names = new HashSet<List<String>>();
    entries("appslugs-by-user", Keys.prefix(userId))
        .forEach(
            entry -> names.add(List.of(entry.key().substring(userId.length() + 1).split("/", -1))));
    return names;
  }

  private RecordKey listKey(Release release) {
    return key(
        "apps-by-user",
        userId,
        String.format("%015d", release.created().toEpochMilli()),
        release.userSlug(),
        release.appSlug(),
        Keys.number(release.releaseSeq()));
  }

  private static Map<ContentId, Long> sizes(Release release) {
    var sizes = new HashMap<ContentId, Long>();
    release.files().forEach(file -> sizes.put(file.assetId(), file.size()));
    return sizes;
  }

  private List<dev.parlor.relay.storage.RecordStore.Entry> entries(String table, String prefix) {
    return transaction.range(Range.ofPrefix(table, prefix, LISTED_MAX));
  }

  private static RecordKey key(String table, String... parts) {
    return new RecordKey(table, Keys.of(parts));
  }
}
