package dev.parlor.apps.site;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.parlor.apps.site.ReleaseContent.Place;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

class PlaceTest {
  private static final String PAGE =
      """
      {"imports":{"react":"/~~vendor~~/z1/react.js"}} url(/~~vendor~~/z1/a.css) '/~~vendor~~/x'
      /~~vendor~~/in-a-text https://other.example/~~vendor~~/y
      """;

  @Test
  @DisplayName("Below a base path, the URLs of packages get it; texts and other hosts stay")
  void packagesGetTheBasePath() {
    assertEquals(
        """
        {"imports":{"react":"/parlor/~~vendor~~/z1/react.js"}} url(/parlor/~~vendor~~/z1/a.css) \
        '/parlor/~~vendor~~/x'
        /~~vendor~~/in-a-text https://other.example/~~vendor~~/y
        """,
        new Place("/", false, "/parlor").withPackages(PAGE));
  }

  @Test
  @DisplayName("Without a base path a page stays as it is")
  void pageStaysWithoutABasePath() {
    assertEquals(PAGE, new Place("/", true, "").withPackages(PAGE));
  }
}
