package dev.parlor.relay.documents.http;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.parlor.relay.Relay;
import dev.parlor.relay.config.RelayConfig;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.regex.Pattern;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Runs the examples of docs/documents-api.md with curl. */
class DocumentsDocIT {
  private static final Pattern BLOCK = Pattern.compile("(?s)```(sh|json)\n(.*?)```\n");

  /** Each request of the examples must succeed, which curl reports only if it is told so. */
  private static final String STRICT =
      "set -eu\ncurl() { command curl --fail-with-body \"$@\"; }\n";

  @TempDir private Path folder = Path.of("replaced by JUnit");

  @Test
  @DisplayName("the curl commands of the page on documents succeed and print the JSON of the page")
  void examples() throws Exception {
    // Maven runs the tests of each module in the module's folder.
    var page = Files.readString(Path.of("..", "..", "docs", "documents-api.md"));
    var script = new StringBuilder(STRICT);
    var expected = new StringBuilder();
    var blocks = BLOCK.matcher(page);
    var examples = 0;
    while (blocks.find()) {
      if (blocks.group(1).equals("sh")) {
        script.append(blocks.group(2));
        examples++;
      } else {
        script.append("echo\n");
        expected.append(blocks.group(2));
      }
    }
    assertEquals(11, examples);
    try (var relay = Relay.start(RelayConfig.onLoopback(folder.resolve("data")));
        var client = new DocumentsClient(relay.port())) {
      var builder = new ProcessBuilder("bash", "-c", script.toString());
      builder.directory(folder.toFile()).redirectErrorStream(true);
      builder.environment().put("SERVER", "http://127.0.0.1:" + relay.port());
      var process = builder.start();
      var output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
      assertEquals(0, process.waitFor(), output);
      assertEquals(expected.toString(), output);
      assertEquals(3, client.get("").json().path("documents").size());
    }
  }
}
