package dev.parlor.apps.slug;

import dev.parlor.apps.error.AppsException;
import dev.parlor.apps.error.ErrorCode;
import dev.parlor.apps.limits.AppLimits;
import java.util.regex.Pattern;

/**
 * The rule of slugs. A host name joins two slugs with {@code --}, so a slug has no two dashes in a
 * row. Three characters at least keep {@code xn} and other reserved beginnings of labels out.
 */
public final class Slugs {
  private static final Pattern FORM = Pattern.compile("[a-z0-9]+(-[a-z0-9]+)*");

  private Slugs() {}

  public static boolean isSlug(String text) {
    return text.length() >= AppLimits.SLUG_LENGTH_MIN
        && text.length() <= AppLimits.SLUG_LENGTH_MAX
        && FORM.matcher(text).matches();
  }

  /**
   * Checks the slug of a user.
   *
   * @throws AppsException {@code user-slug-invalid} with the rule
   */
  public static String requireUserSlug(String slug) {
    return require(slug, ErrorCode.USER_SLUG_INVALID, "ownerHandle");
  }

  /**
   * Checks the slug of an app.
   *
   * @throws AppsException {@code app-slug-invalid} with the rule
   */
  public static String requireAppSlug(String slug) {
    return require(slug, ErrorCode.APP_SLUG_INVALID, "appSlug");
  }

  private static String require(String slug, ErrorCode code, String field) {
    if (!isSlug(slug)) {
      throw AppsException.of(
              code,
              field
                  + " must have "
                  + AppLimits.SLUG_LENGTH_MIN
                  + " to "
                  + AppLimits.SLUG_LENGTH_MAX
                  + " characters: words of a-z and 0-9, joined by single dashes")
          .at(field);
    }
    return slug;
  }
}
