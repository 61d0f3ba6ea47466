package dev.parlor.apps.address;

import dev.parlor.apps.slug.Slugs;

/** The name of an app: the slug of its user and its own slug. */
public record AppName(String userSlug, String appSlug) {

  public AppName {
    if (!Slugs.isSlug(userSlug) || !Slugs.isSlug(appSlug)) {
      throw new IllegalArgumentException("the name of an app has two slugs");
    }
  }
}
