package dev.parlor.bench.load;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.regex.Pattern;

/**
 * A relay started as a child process, with what the operating system says of it. Ended by its own
 * handle.
 */
final class ServerProcess implements AutoCloseable {

  private static final Pattern LISTENING = Pattern.compile("listening (\\d+)");

  private final Process process;
  private final Path data;
  private final int port;

  private ServerProcess(Process process, Path data, int port) {
    this.process = process;
    this.data = data;
    this.port = port;
  }

  /** Ours, from the built server, with durable storage on. */
  static ServerProcess parlor(Path root, List<String> jvmOptions) {
    var data = temporary("parlor");
    var command = java(jvmOptions);
    command.add("-cp");
    command.add(
        root.resolve("sync-server/target/classes")
            + ":"
            + root.resolve("sync-server/target/lib")
            + "/*");
    command.addAll(
        List.of("dev.parlor.server.Main", "serve", "--port", "0", "--data", data.toString()));
    return start(command, root, data, Pattern.compile("http://127\\.0\\.0\\.1:(\\d+)"));
  }

  /** A broadcast on the web server that ours uses. */
  static ServerProcess floor(Path root, List<String> jvmOptions) {
    var command = java(jvmOptions);
    command.addAll(
        List.of(
            "-cp", System.getProperty("java.class.path"), "dev.parlor.bench.floor.FloorServer"));
    return start(command, root, temporary("floor"), LISTENING);
  }

  /** The Node server of this folder, with the storage that it ships with. */
  static ServerProcess node(Path folder) {
    var data = temporary(folder.getFileName().toString());
    if (!Files.isDirectory(folder.resolve("node_modules"))) {
      throw new IllegalStateException(folder + " is not installed: run npm ci there");
    }
    return start(List.of("node", "relay.mjs", data.toString()), folder, data, LISTENING);
  }

  private static List<String> java(List<String> options) {
    var command = new ArrayList<String>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.add("--enable-native-access=ALL-UNNAMED");
    command.add("--sun-misc-unsafe-memory-access=allow");
    command.add("-XX:+UseCompactObjectHeaders");
    command.addAll(options);
    return command;
  }

  private static ServerProcess start(
      List<String> command, Path folder, Path data, Pattern portLine) {
    try {
      var process =
          new ProcessBuilder(command).directory(folder.toFile()).redirectErrorStream(true).start();
      var found = new CompletableFuture<Integer>();
      Thread.ofPlatform()
          .daemon()
          .name("server-output")
          .start(() -> watch(process, portLine, found));
      var port = found.get(60, TimeUnit.SECONDS);
      return new ServerProcess(process, data, port);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("interrupted while a server started", e);
    } catch (java.util.concurrent.ExecutionException | java.util.concurrent.TimeoutException e) {
      throw new IllegalStateException("the server did not start: " + String.join(" ", command), e);
    }
  }

  private static void watch(Process process, Pattern portLine, CompletableFuture<Integer> found) {
    var lines = new ArrayList<String>();
    try (var reader =
        new BufferedReader(
            new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8))) {
      for (var line = reader.readLine(); line != null; line = reader.readLine()) {
        var match = portLine.matcher(line);
        if (match.find()) {
          found.complete(Integer.parseInt(match.group(1)));
        }
        if (lines.size() < 50) {
          lines.add(line);
        }
      }
    } catch (IOException e) {
      lines.add(e.toString());
    }
    found.completeExceptionally(
        new IllegalStateException("the server ended; it said:\n" + String.join("\n", lines)));
  }

  int port() {
    return port;
  }

  boolean alive() {
    return process.isAlive();
  }

  /** CPU time used so far by the process and its threads, user and system. */
  long cpuNanos() {
    return ProcessClock.nanos(process.pid());
  }

  /** What its threads have used so far. */
  Threads threads() {
    return Threads.of(process.pid());
  }

  /** Resident memory in KiB. */
  long residentKib() {
    return read("/proc/" + process.pid() + "/status")
        .lines()
        .filter(line -> line.startsWith("VmRSS:"))
        .map(line -> line.replaceAll("\\D", ""))
        .mapToLong(Long::parseLong)
        .findFirst()
        .orElseThrow();
  }

  private static String read(String file) {
    try {
      return Files.readString(Path.of(file));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static Path temporary(String name) {
    try {
      return Files.createTempDirectory("bench-" + name);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Override
  public void close() {
    process.destroy();
    try {
      if (!process.waitFor(Duration.ofSeconds(15))) {
        process.destroyForcibly().waitFor();
      }
      try (var files = Files.walk(data)) {
        for (var file : files.sorted(java.util.Comparator.reverseOrder()).toList()) {
          Files.delete(file);
        }
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
