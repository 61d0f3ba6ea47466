package dev.parlor.relay.address;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

class BasePathTest {
  private static final BasePath PARLOR = new BasePath("/parlor");

  @Test
  @DisplayName("The base path is removed from the paths below it and from no other path")
  void pathsBelowLoseTheBase() {
    assertEquals("/api/rooms", PARLOR.without("/parlor/api/rooms"));
    assertEquals("/", PARLOR.without("/parlor/"));
    assertEquals("/", PARLOR.without("/parlor"));
    assertEquals("/parlor/x", PARLOR.without("/parlor/parlor/x"));
    for (var other : List.of("/", "/api/rooms", "/parlors/api", "/Parlor/api", "/x/parlor/api")) {
      assertEquals(other, PARLOR.without(other));
    }
    assertEquals("/api", BasePath.ROOT.without("/api"));
  }

  @Test
  @DisplayName("A slash at the end of a base path does not matter, and a slash alone is the root")
  void slashAtTheEndDoesNotMatter() {
    assertEquals(Optional.of(PARLOR), BasePath.parse("/parlor/"));
    assertEquals(Optional.of(new BasePath("/tools/parlor-2")), BasePath.parse("/tools/parlor-2"));
    assertEquals(Optional.of(BasePath.ROOT), BasePath.parse("/"));
    assertTrue(BasePath.parse("").orElseThrow().isRoot());
  }

  @Test
  @DisplayName("A text is no base path if it is malformed or begins like a path of the server")
  void malformedAndOwnPathsAreRefused() {
    for (var text :
        List.of(
            "parlor",
            "//",
            "/a/b//c",
            "/../x",
            "/.hidden",
            "/x y",
            "/x?y",
            "/x#y",
            "/\u00e9",
            "/api",
            "/sync/x",
            "/R",
            "/a",
            "/" + "x".repeat(200))) {
      assertEquals(Optional.empty(), BasePath.parse(text), text);
    }
  }
}
