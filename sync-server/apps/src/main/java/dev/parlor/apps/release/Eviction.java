package dev.parlor.apps.release;

import dev.parlor.apps.error.AppsException;
import dev.parlor.apps.error.ErrorCode;

/** Makes room for a release when a user has as many as the quota allows. */
final class Eviction {

  /** The part of all releases that is removed at once, besides one. */
  private static final int REMOVED_PART = 10;

  private Eviction() {}

  /**
   * Removes the oldest releases in mode dev: a tenth of all, and one more. Releases in production
   * stay.
   *
   * @return the account without the removed releases
   * @throws AppsException {@code max-apps-reached} if every release is in production
   */
  static AppRecords.Account evict(AppRecords records, AppRecords.Account account, int releasesMax) {
    var listed = records.listed();
    var evicted =
        listed.stream()
            .filter(AppRecords.Listed::isDev)
            .limit(listed.size() / REMOVED_PART + 1L)
            .toList();
    if (evicted.isEmpty()) {
      throw AppsException.of(
          ErrorCode.MAX_APPS_REACHED,
          "a user has at most "
              + releasesMax
              + " releases, and all of yours are in production; set a release to mode dev with"
              + " set-mode-fs to free its place");
    }
    var left = account;
    for (var one : evicted) {
      var release = records.release(one.userSlug(), one.appSlug(), one.seq());
      if (release.isPresent()) {
        left = left.withReleases(-1).withBytes(-records.remove(release.get()));
      }
    }
    return left;
  }
}
