package dev.parlor.apps.transform;

import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Objects;

/** The binary of esbuild that npm installed for the page, and scripts that replace it. */
final class EsbuildBinary {
  private EsbuildBinary() {}

  /** The real binary; a test that needs it fails if npm did not install it. */
  static Path real() throws IOException {
    var packages = root().resolve("web-ui/node_modules/@esbuild");
    assertTrue(
        Files.isDirectory(packages),
        () -> "esbuild is not installed in " + packages + "; run npm ci in web-ui");
    try (var platforms = Files.list(packages)) {
      return platforms
          .map(platform -> platform.resolve("bin/esbuild"))
          .filter(Files::isExecutable)
          .findFirst()
          .orElseThrow(() -> new AssertionError("no binary of esbuild in " + packages));
    }
  }

  /** A shell script at this place. */
  static Path script(Path folder, String body) throws IOException {
    var script = folder.resolve("esbuild");
    Files.writeString(script, "#!/bin/sh\n" + body + "\n");
    return Files.setPosixFilePermissions(script, PosixFilePermissions.fromString("rwxr-xr-x"));
  }

  /** The folder of the project. */
  static Path root() {
    var folder = Path.of("").toAbsolutePath();
    while (!Files.exists(folder.resolve("web-ui/package.json"))) {
      folder = Objects.requireNonNull(folder.getParent(), "no folder above has web-ui");
    }
    return folder;
  }
}
