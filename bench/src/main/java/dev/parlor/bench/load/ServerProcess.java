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
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.regex.Pattern;

/** A server under test as a child process, with its CPU and memory figures. */
public final class ServerProcess implements AutoCloseable {

  private static final Pattern LISTENING = Pattern.compile("listening (\\d+)");

  private static final Pattern HEAP = Pattern.compile("heap (\\d+)");

  /** The parameters of the start, for a restart. */
  private record Launch(
      List<String> command,
      Path folder,
      Path data,
      Pattern portLine,
      boolean jvm,
      Map<String, String> environment) {}

  private final Launch launch;
  private final Process process;
  private final int port;
  private final double readyMillis;
  private final ProcessMemory memory;

  private ServerProcess(
      Launch launch, Process process, int port, double readyMillis, ProcessMemory memory) {
    this.launch = launch;
    this.process = process;
    this.port = port;
    this.readyMillis = readyMillis;
    this.memory = memory;
  }

  /**
   * Starts Parlor from the built server with durable storage, as {@code ./parlor serve} does.
   * Settings are environment variables.
   */
  public static ServerProcess parlor(
      Path root, List<String> jvmOptions, Map<String, String> settings) {
    var data = temporary("parlor");
    var command = java(root, jvmOptions);
    var built = root.resolve("sync-server/server/target");
    // ./parlor build writes the cache after the jar; it is empty if Java could not make it.
    var aotCache = built.resolve("parlor.aot").toFile();
    var jar = built.resolve("parlor.jar").toFile();
    if (aotCache.length() > 0 && aotCache.lastModified() > jar.lastModified()) {
      command.addAll(List.of("-XX:AOTCache=" + aotCache, "-Xlog:aot*=off", "-Xlog:cds*=off"));
    }
    command.addAll(List.of("-cp", jar + ":" + built.resolve("lib/*")));
    return start(parlor(root, command, data, settings));
  }

  /**
   * Starts Parlor from the classes of this process, for a test that runs before the server's jar is
   * built.
   */
  public static ServerProcess parlorOfThisClassPath(Path root, Map<String, String> settings) {
    var data = temporary("parlor");
    var command = java(root, List.of("-XX:TieredStopAtLevel=1"));
    command.addAll(List.of("-cp", System.getProperty("java.class.path")));
    return start(parlor(root, command, data, settings));
  }

  /** Starts the baseline, {@code FloorServer}: a plain broadcast without storage. */
  static ServerProcess floor(Path root, List<String> jvmOptions) {
    var command = java(root, jvmOptions);
    command.addAll(
        List.of(
            "-cp", System.getProperty("java.class.path"), "dev.parlor.bench.floor.FloorServer"));
    return start(new Launch(command, root, temporary("floor"), LISTENING, true, Map.of()));
  }

  /** Starts the Node server in this folder with its default storage. */
  static ServerProcess node(Path folder) {
    var data = temporary(folder.getFileName().toString());
    if (!Files.isDirectory(folder.resolve("node_modules"))) {
      throw new IllegalStateException(folder + " is not installed: run npm ci there");
    }
    var command = List.of("node", "--expose-gc", "relay.mjs", data.toString());
    return start(new Launch(command, folder, data, LISTENING, false, Map.of()));
  }

  private static Launch parlor(
      Path root, List<String> java, Path data, Map<String, String> settings) {
    var command = new ArrayList<>(java);
    command.addAll(
        List.of("dev.parlor.server.Main", "serve", "--port", "0", "--data", data.toString()));
    var portLine = Pattern.compile("http://127\\.0\\.0\\.1:(\\d+)");
    var environment = new HashMap<>(settings);
    environment.put("MALLOC_ARENA_MAX", System.getenv().getOrDefault("MALLOC_ARENA_MAX", "2"));
    return new Launch(command, root, data, portLine, true, environment);
  }

  private static List<String> java(Path root, List<String> options) {
    var command = new ArrayList<String>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.add("@" + root.resolve("sync-server/server/jvm.options"));
    command.addAll(options);
    return command;
  }

  private static ServerProcess start(Launch launch) {
    var begin = System.nanoTime();
    var process = process(launch);
    var listening = new CompletableFuture<Integer>();
    var heaps = new LinkedBlockingQueue<Double>();
    Thread.ofPlatform()
        .daemon()
        .name("server-output")
        .start(() -> readOutput(process, launch.portLine, listening, heaps));
    try {
      var port = listening.get(60, TimeUnit.SECONDS);
      var readyMillis = (System.nanoTime() - begin) / 1e6;
      var memory = new ProcessMemory(process.pid(), launch.jvm, heaps);
      return new ServerProcess(launch, process, port, readyMillis, memory);
    } catch (InterruptedException e) {
      process.destroyForcibly();
      Thread.currentThread().interrupt();
      throw new IllegalStateException("interrupted while a server started", e);
    } catch (ExecutionException | TimeoutException e) {
      process.destroyForcibly();
      delete(launch.data);
      throw new IllegalStateException(
          "the server did not start: " + String.join(" ", launch.command) + "\n" + e.getMessage(),
          e);
    }
  }

  private static Process process(Launch launch) {
    var builder =
        new ProcessBuilder(launch.command)
            .directory(launch.folder.toFile())
            .redirectErrorStream(true);
    builder.environment().putAll(launch.environment);
    try {
      return builder.start();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /**
   * Reads the output until it ends.
   *
   * @param listening receives the port once the server listens
   * @param heaps receives the heap bytes that a Node server reports after each signal
   */
  private static void readOutput(
      Process process,
      Pattern portLine,
      CompletableFuture<Integer> listening,
      Queue<Double> heaps) {
    var lines = new ArrayList<String>();
    try (var reader =
        new BufferedReader(
            new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8))) {
      for (var line = reader.readLine(); line != null; line = reader.readLine()) {
        var match = portLine.matcher(line);
        if (match.find()) {
          listening.complete(Integer.parseInt(match.group(1)));
        }
        var heap = HEAP.matcher(line);
        if (heap.matches()) {
          heaps.add(Double.parseDouble(heap.group(1)));
        }
        if (lines.size() < 50) {
          lines.add(line);
        }
      }
    } catch (IOException e) {
      lines.add(e.toString());
    }
    listening.completeExceptionally(
        new IllegalStateException("the server ended; its output:\n" + String.join("\n", lines)));
  }

  public int port() {
    return port;
  }

  /** The time from the start of the process until it listens. */
  double readyMillis() {
    return readyMillis;
  }

  /**
   * Ends the process and starts another on the same data; this object must not be used afterwards.
   */
  ServerProcess restart() {
    stop();
    return start(launch);
  }

  /** CPU time used so far by the process and its threads, user and system. */
  public long cpuNanos() {
    return ProcessClock.nanos(process.pid());
  }

  /** CPU time of its child processes that have ended. */
  public long endedChildrenCpuNanos() {
    return ProcessClock.nanosOfEndedChildren(process.pid());
  }

  /** CPU time and context switches of its threads so far. */
  Threads threads() {
    return Threads.of(process.pid());
  }

  ProcessMemory memory() {
    return memory;
  }

  private static Path temporary(String name) {
    try {
      return Files.createTempDirectory("bench-" + name);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private void stop() {
    process.destroy();
    try {
      if (!process.waitFor(Duration.ofSeconds(15))) {
        process.destroyForcibly().waitFor();
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  @Override
  public void close() {
    stop();
    delete(launch.data);
  }

  private static void delete(Path folder) {
    try (var files = Files.walk(folder)) {
      for (var file : files.sorted(Comparator.reverseOrder()).toList()) {
        Files.delete(file);
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
