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

/** The scenario {@code killed-server} of the interop project: four clients that keep editing. */
final class Clients implements AutoCloseable {

  private static final Path FOLDER = Path.of("sync-server", "relay", "interop");
  private static final int PATIENCE_SECONDS = 300;
  private static final int HEARD_MAX = 200;

  /** The clients ended by a fault of their own, or stopped answering. */
  static final class EndedException extends IOException {
    private static final long serialVersionUID = 1L;

    EndedException(String what) {
      super(what);
    }
  }

  private final Process process;
  private final BlockingQueue<String> lines = new LinkedBlockingQueue<>();
  private final Deque<String> heard = new ArrayDeque<>();
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
   * Waits for a line with this beginning, and returns its rest.
   *
   * @param others receives the lines before it
   */
  String expect(String fact, Consumer<String> others) throws IOException, InterruptedException {
    while (true) {
      var line = next();
      if (line == null) {
        throw new EndedException(
            "the clients never said: "
                + fact
                + (process.isAlive() ? "" : " (they ended)")
                + "; the last they said:\n"
                + String.join("\n", heard));
      }
      heard.add(line);
      if (heard.size() > HEARD_MAX) {
        heard.remove();
      }
      if (line.startsWith(fact)) {
        return line.substring(fact.length()).strip();
      }
      others.accept(line);
    }
  }

  private @Nullable String next() throws InterruptedException {
    for (var seconds = 0; seconds < PATIENCE_SECONDS; seconds++) {
      var alive = process.isAlive();
      var line = lines.poll(1, TimeUnit.SECONDS);
      if (line != null || !alive) {
        return line;
      }
    }
    return null;
  }

  /** Lets the clients continue. */
  void go() throws IOException {
    input.write("go\n");
    input.flush();
  }

  @Override
  public void close() {
    process.destroyForcibly();
  }
}
