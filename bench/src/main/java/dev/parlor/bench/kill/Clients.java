package dev.parlor.bench.kill;

import java.io.IOException;
import java.io.Writer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Runs the scenario {@code killed-server} of the interop project: four clients that keep editing.
 */
final class Clients implements AutoCloseable {

  private static final Path FOLDER = Path.of("sync-server", "relay", "interop");
  private static final int LINE_SECONDS_MAX = 300;
  private static final int LAST_LINES_MAX = 200;

  /** The clients failed by themselves, or stopped printing lines. */
  static final class EndedException extends IOException {
    private static final long serialVersionUID = 1L;

    EndedException(String message) {
      super(message);
    }
  }

  private final Process process;
  private final BlockingQueue<String> lines = new LinkedBlockingQueue<>();
  private final Deque<String> lastLines = new ArrayDeque<>();
  private final Writer input;

  Clients(int port) throws IOException {
    if (!Files.isDirectory(FOLDER.resolve("node_modules"))) {
      throw new IOException(FOLDER + " is not installed: run npm ci there");
    }
    process =
        new ProcessBuilder(
                "node", "scenarios/killed-server.mjs", "ws://127.0.0.1:" + port + "/sync")
            .directory(FOLDER.toFile())
            .redirectErrorStream(true)
            .start();
    input = process.outputWriter(StandardCharsets.UTF_8);
    var output = process.inputReader(StandardCharsets.UTF_8);
    Thread.ofPlatform()
        .daemon()
        .name("clients-output")
        .start(() -> output.lines().forEach(lines::add));
  }

  /**
   * Waits for a line with this prefix, and returns the rest of the line.
   *
   * @param otherLines receives the lines before it
   */
  String expect(String prefix, Consumer<String> otherLines)
      throws IOException, InterruptedException {
    while (true) {
      var line = next();
      if (line == null) {
        throw new EndedException(
            "the clients never printed: "
                + prefix
                + (process.isAlive() ? "" : " (they ended)")
                + "; their last lines:\n"
                + String.join("\n", lastLines));
      }
      lastLines.add(line);
      if (lastLines.size() > LAST_LINES_MAX) {
        lastLines.remove();
      }
      if (line.startsWith(prefix)) {
        return line.substring(prefix.length()).strip();
      }
      otherLines.accept(line);
    }
  }

  private @Nullable String next() throws InterruptedException {
    for (var seconds = 0; seconds < LINE_SECONDS_MAX; seconds++) {
      var alive = process.isAlive();
      var line = lines.poll(1, TimeUnit.SECONDS);
      if (line != null || !alive) {
        return line;
      }
    }
    return null;
  }

  /** Lets the clients proceed to their next step. */
  void proceed() throws IOException {
    input.write("go\n");
    input.flush();
  }

  @Override
  public void close() {
    process.destroyForcibly();
  }
}
