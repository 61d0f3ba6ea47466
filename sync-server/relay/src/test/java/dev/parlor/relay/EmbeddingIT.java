package dev.parlor.relay;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.parlor.relay.interop.NodeProcess;
import java.io.StringWriter;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.WebSocketHandshakeException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CompletionException;
import java.util.concurrent.TimeUnit;
import java.util.regex.Pattern;
import javax.tools.ToolProvider;
import org.junit.jupiter.api.Assertions;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Compiles the code of {@code docs/embedding.md} and runs it as a separate process. */
class EmbeddingIT {

  private static final Pattern CODE = Pattern.compile("```java\n(.*?)```", Pattern.DOTALL);
  private static final int TIMEOUT_SECONDS = 60;

  @TempDir private Path folder = Path.of("");

  @Test
  @DisplayName(
      "the code of docs/embedding.md has at most 30 lines, compiles, and serves an automerge-repo client by its token")
  void embeddedRelay() throws Exception {
    var code = code();
    assertTrue(code.lines().count() <= 30, code.lines().count() + " lines");
    compile(code);
    var process =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "--enable-native-access=ALL-UNNAMED",
                "--sun-misc-unsafe-memory-access=allow",
                "-cp",
                folder + ":" + System.getProperty("java.class.path"),
                "Embedded",
                folder.resolve("data").toString(),
                "secret")
            .redirectError(ProcessBuilder.Redirect.DISCARD)
            .start();
    try (var out = process.inputReader(StandardCharsets.UTF_8)) {
      var line = out.readLine();
      assertTrue(line != null && line.startsWith("clients connect to ws://127.0.0.1:"), line);
      var url = line.substring(line.indexOf("ws://"));
      try (var client = NodeProcess.scenario("unavailable", url + "?token=secret")) {
        client.expect("passed");
        client.succeeds();
      }
      assertEquals(401, refusedStatus(URI.create(url + "?token=guess")));
      process.getOutputStream().close();
      assertTrue(process.waitFor(TIMEOUT_SECONDS, TimeUnit.SECONDS));
      assertEquals(0, process.exitValue());
    } finally {
      process.destroyForcibly();
    }
  }

  private static String code() throws Exception {
    var page = Files.readString(Path.of("..", "..", "docs", "embedding.md"));
    var code = CODE.matcher(page);
    assertTrue(code.find(), "docs/embedding.md has a block of Java");
    return code.group(1);
  }

  private void compile(String code) throws Exception {
    var file = Files.writeString(folder.resolve("Embedded.java"), code);
    var compiler = ToolProvider.getSystemJavaCompiler();
    var problems = new StringWriter();
    try (var files = compiler.getStandardFileManager(null, null, StandardCharsets.UTF_8)) {
      var options =
          List.of(
              "-proc:none", "-d", folder.toString(), "-cp", System.getProperty("java.class.path"));
      var task =
          compiler.getTask(problems, files, null, options, null, files.getJavaFileObjects(file));
      assertTrue(task.call(), problems::toString);
    }
  }

  /** The status of an upgrade that the relay refuses. */
  private static int refusedStatus(URI url) {
    try (var client = HttpClient.newHttpClient()) {
      var error =
          Assertions.assertThrows(
              CompletionException.class,
              () ->
                  client
                      .newWebSocketBuilder()
                      .buildAsync(url, new java.net.http.WebSocket.Listener() {})
                      .join());
      var refused =
          Assertions.assertInstanceOf(WebSocketHandshakeException.class, error.getCause());
      return refused.getResponse().statusCode();
    }
  }
}
