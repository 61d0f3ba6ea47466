package dev.parlor.server;

import java.net.URISyntaxException;
import java.nio.file.Path;

/** The copy of esbuild that the build puts beside the server's libraries. */
final class BuiltInEsbuild {
  private BuiltInEsbuild() {}

  /** {@code lib/esbuild} in the folder of the server's jar or classes; it may be missing. */
  static Path path() {
    try {
      var code = BuiltInEsbuild.class.getProtectionDomain().getCodeSource().getLocation().toURI();
      return Path.of(code).resolveSibling("lib").resolve("esbuild");
    } catch (URISyntaxException e) {
      throw new IllegalStateException("the place of the server's classes is no file", e);
    }
  }
}
