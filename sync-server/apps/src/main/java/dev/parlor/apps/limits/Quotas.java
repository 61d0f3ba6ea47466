package dev.parlor.apps.limits;

/**
 * What one user may store on this server.
 *
 * @param userSlugsMax slugs of a user; above: {@code max-user-slugs-reached}
 * @param appSlugsMax apps under all slugs of a user; above: {@code max-app-slugs-reached}
 * @param releasesMax releases of all apps of a user; above: the oldest releases in mode dev are
 *     removed, or {@code max-apps-reached} if all are in production
 * @param bytesMax bytes of all files of a user's releases; above: {@code too-large}
 * @param contextsMax contexts of a user; above: {@code too-large}
 */
public record Quotas(
    int userSlugsMax, int appSlugsMax, int releasesMax, long bytesMax, int contextsMax) {

  /** The quotas of a server whose operator set none. */
  public static Quotas defaults() {
    return new Quotas(10, 10, 50, 100L * 1024 * 1024, 1_000);
  }
}
