package dev.parlor.apps.transform;

import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.net.MalformedURLException;
import java.net.URL;
import java.nio.file.Files;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** The packages as the build of the page's folder {@code vendor} made them. */
public final class BuiltPackages {
  private BuiltPackages() {}

  /** Class-path resources with the built set; a test fails if the build did not make it. */
  static ClassLoader resources() {
    var built = EsbuildBinary.root().resolve("web-ui/vendor/dist");
    assertTrue(
        Files.exists(built.resolve("index.json")),
        () -> "the vendored packages are not built in " + built + "; run ./parlor build");
    return new ClassLoader(null) {
      @Override
      protected @Nullable URL findResource(String name) {
        var file = built.resolve(name.substring("vendor/".length()));
        try {
          return Files.exists(file) ? file.toUri().toURL() : null;
        } catch (MalformedURLException e) {
          throw new IllegalArgumentException(e);
        }
      }
    };
  }

  /** The packages of the built set. */
  public static VendoredPackages load() {
    return new VendoredPackages(resources(), Optional.empty());
  }

  /** The transform with the real binary. */
  public static Esbuild esbuild() throws IOException {
    return new Esbuild(EsbuildBinary.real());
  }
}
