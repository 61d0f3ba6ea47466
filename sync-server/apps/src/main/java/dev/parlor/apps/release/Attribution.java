package dev.parlor.apps.release;

import dev.parlor.apps.error.AppsException;
import dev.parlor.apps.limits.AppLimits;
import java.util.Optional;

/** Whether the page of an app shows its author's name. Immutable; any thread. */
public sealed interface Attribution {

  /** The page shows what it showed before; a new app shows no name. */
  record Unchanged() implements Attribution {}

  /** The page shows no name, and the stored name is removed. */
  record Hidden() implements Attribution {}

  /** The page shows this name. */
  record Shown(String name) implements Attribution {

    /** Removes blanks around the name. */
    public Shown {
      name = name.strip();
      var length = name.codePointCount(0, name.length());
      if (length == 0 || length > AppLimits.AUTHOR_NAME_LENGTH_MAX) {
        throw AppsException.field(
            "authorName",
            "authorName must have 1 to " + AppLimits.AUTHOR_NAME_LENGTH_MAX + " characters");
      }
      if (name.codePoints().anyMatch(Shown::misleads)) {
        throw AppsException.field(
            "authorName",
            "authorName must not have control characters or characters that change the direction"
                + " of text");
      }
    }

    private static boolean misleads(int c) {
      return Character.isISOControl(c)
          || c == 0x2028
          || c == 0x2029
          || (c >= 0x202a && c <= 0x202e)
          || (c >= 0x2066 && c <= 0x2069);
    }
  }

  /**
   * Reads the two fields of a request.
   *
   * @param showAuthor empty leaves the page as it is
   */
  static Attribution of(Optional<Boolean> showAuthor, Optional<String> authorName) {
    if (showAuthor.isEmpty()) {
      if (authorName.isPresent()) {
        throw AppsException.field("showAuthor", "authorName counts only with showAuthor");
      }
      return new Unchanged();
    }
    return showAuthor.get()
        ? new Shown(
            authorName.orElseThrow(
                () ->
                    AppsException.field(
                        "authorName", "authorName is missing: showAuthor needs the name to show")))
        : new Hidden();
  }
}
