package dev.parlor.bench.apps;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.regex.Pattern;

/**
 * The time from the last token of an answer to the first pixel of its app in another browser. A
 * browser test measures it, with a server of its own.
 */
final class FirstPixel {

  private static final Pattern MEASURED = Pattern.compile("first-pixel: (.*)");

  private final Path root;

  FirstPixel(Path root) {
    this.root = root;
  }

  void measure(Table table) {
    table.plain(
        "from the last token of an answer to the first pixel of its app in another browser: p95",
        "500 ms",
        run());
  }

  /** Runs the browser test and returns its figures. */
  private String run() {
    var builder =
        new ProcessBuilder("npx", "--no-install", "playwright", "test", "first-pixel")
            .directory(root.resolve("web-ui").toFile())
            .redirectErrorStream(true);
    builder.environment().put("PARLOR_FIGURES", "1");
    var lines = new ArrayList<String>();
    try {
      var process = builder.start();
      try (var reader =
          new BufferedReader(
              new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8))) {
        reader.lines().forEach(lines::add);
      }
      if (process.waitFor() != 0) {
        throw new IllegalStateException("the browser test failed:\n" + String.join("\n", lines));
      }
    } catch (IOException e) {
      throw new IllegalStateException("the browser test did not start: " + e.getMessage(), e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("interrupted during the browser test", e);
    }
    return lines.stream()
        .map(MEASURED::matcher)
        .filter(java.util.regex.Matcher::find)
        .map(match -> match.group(1))
        .findFirst()
        .orElseThrow(() -> new IllegalStateException("the browser test printed no figure"));
  }
}
