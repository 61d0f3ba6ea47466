package dev.parlor.apps.slug;

import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.HashSet;
import java.util.Random;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

class RandomSlugsTest {

  @Test
  @DisplayName(
      "a drawn slug has three words of the letters a to z, is a valid slug, and is hardly ever drawn twice")
  void threeWords() {
    var slugs = new RandomSlugs(new Random(12));
    var drawn = new HashSet<String>();
    for (var i = 0; i < 1_000; i++) {
      var slug = slugs.get();
      assertTrue(slug.matches("[a-z]+-[a-z]+-[a-z]+"), slug);
      assertTrue(Slugs.isSlug(slug), slug);
      drawn.add(slug);
    }
    assertTrue(drawn.size() > 990, "distinct slugs: " + drawn.size());
  }
}
