package dev.parlor.apps.api;

import java.nio.file.Files;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/** The folder of the project, for tests that read its documents and its npm packages. */
public final class ProjectRoot {
  private ProjectRoot() {}

  /** The nearest folder above the working directory that has the page's project. */
  public static Path folder() {
    for (@Nullable Path folder = Path.of("").toAbsolutePath();
        folder != null;
        folder = folder.getParent()) {
      if (Files.exists(folder.resolve("web-ui/package.json"))) {
        return folder;
      }
    }
    throw new IllegalStateException("the tests do not run inside the project");
  }
}
