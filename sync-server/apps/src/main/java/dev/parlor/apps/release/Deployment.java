package dev.parlor.apps.release;

import java.util.List;

/**
 * The outcome of a deploy.
 *
 * @param release the release of the files; an earlier one if the same files were deployed before
 * @param warnings sentences about fields and packages that are not used as given
 */
public record Deployment(Release release, List<String> warnings) {

  public Deployment {
    warnings = List.copyOf(warnings);
  }
}
