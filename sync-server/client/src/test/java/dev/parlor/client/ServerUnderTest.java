package dev.parlor.client;

import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assertions.fail;

import dev.parlor.relay.ChildJvm;
import java.io.IOException;
import java.net.ServerSocket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** A sync server as a process of its own, on one port, which a test kills and starts again. */
final class ServerUnderTest implements AutoCloseable {

  /** The servers that the client is tested against. */
  enum Kind {
    PARLOR("/sync", "The relay is open at "),
    /** automerge-repo's sync server with current versions of its packages. */
    REFERENCE("/", "listening ");

    private final String path;
    private final String firstLine;

    Kind(String path, String firstLine) {
      this.path = path;
      this.firstLine = firstLine;
    }
  }

  private static final Path REFERENCE = Path.of("..", "..", "bench", "reference");

  private final Kind kind;
  private final Path data;
  private final int port;
  private Process process;

  private ServerUnderTest(Kind kind, Path data, int port) throws IOException {
    this.kind = kind;
    this.data = data;
    this.port = port;
    this.process = start();
  }

  static ServerUnderTest start(Kind kind, Path data) throws IOException {
    return new ServerUnderTest(kind, data, freePort());
  }

  URI url() {
    return URI.create("ws://127.0.0.1:" + port + kind.path);
  }

  /** Ends the process as {@code kill -9} does. */
  void kill() throws InterruptedException {
    process.destroyForcibly();
    assertTrue(process.waitFor(30, TimeUnit.SECONDS));
  }

  /** Starts the server on the same port and data. */
  void restart() throws IOException {
    process = start();
  }

  private Process start() throws IOException {
    var builder = new ProcessBuilder(command()).redirectError(ProcessBuilder.Redirect.DISCARD);
    builder.environment().keySet().removeIf(name -> name.startsWith("PARLOR_"));
    var started = builder.start();
    var out = started.inputReader(StandardCharsets.UTF_8);
    var line = out.readLine();
    if (line == null || !line.startsWith(kind.firstLine)) {
      started.destroyForcibly();
      fail("the server did not start: " + line);
    }
    return started;
  }

  private List<String> command() {
    var command = new ArrayList<String>();
    switch (kind) {
      case PARLOR -> {
        command.addAll(ChildJvm.shortLivedCommand());
        command.addAll(List.of("dev.parlor.relay.Main", "--log", "error"));
        command.addAll(List.of("--port", String.valueOf(port), "--data", data.toString()));
      }
      case REFERENCE -> {
        if (!Files.isDirectory(REFERENCE.resolve("node_modules"))) {
          fail("the packages of bench/reference are missing: run `npm ci` in that folder first");
        }
        command.addAll(List.of("node", REFERENCE.resolve("relay.mjs").toString()));
        command.addAll(List.of(data.toString(), String.valueOf(port)));
      }
    }
    return command;
  }

  private static int freePort() throws IOException {
    try (var socket = new ServerSocket(0)) {
      return socket.getLocalPort();
    }
  }

  @Override
  public void close() {
    process.destroyForcibly();
  }
}
